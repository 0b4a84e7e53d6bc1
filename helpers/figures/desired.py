"""The desired state as a line, the actual one as steps below it, and the gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from ..stacks.model import Amount, Progress
from . import style
from .axis import Axis
from .canvas import Canvas
from .desired_words import desired_words, title_of, waiting_of
from .drawing import Drawing
from .orchestra import LEFT, RIGHT, WIDTH, heading, key, label, short
from .style import FAINT, GREY, INK, PAPER, SHARED, WASTE, Look
from .tasks import why
from .wrapping import wrapped

__all__ = ["CURRENT", "GAPS", "LINE", "OLDER", "SURPLUS", "desired"]

NAMES, ENDS = 1.5, 0.75  # inches for the names at the left, and what was reached at the right
TALL, SPACE = 0.85, 0.3  # inches of a service's panel, and between two
MOST = 8  # services that are drawn
CURRENT = Look("#007656", "#9fd8c4")
OLDER = Look("#006ca9", "#d3e4f1", hatch="\\\\\\\\")
GAPS = Look(WASTE.colour, "#fdeee5", hatch="////")
LINE = Look(INK, INK, symbol="—")
SURPLUS = Look("#7a6f00", "#fbf8cf", hatch="....")


def desired(progress: Progress, *, kind: str = "task") -> Drawing:
    """Draw how what runs came to what was asked for.

    Parameters
    ----------
    progress: as `helpers.stacks.deploy` and its kin return it.
    kind: ``"task"`` or ``"pod"``: what the words call the things that run.

    For each service, the desired number is a line, what runs is filled below it, what is missing
    is hatched. What still runs by the specification before stands below in another colour. The
    words say what was asked for before and after and what was reached, and nothing that time
    decides.
    """
    title = title_of(progress)
    with style.look():
        figure = _Desired(progress).draw()
    return Drawing(figure, title, desired_words(title, progress, kind))


class _Desired:
    """The places of everything in the picture, from the top down."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        found = [(name, amounts) for name, amounts in progress.services if amounts]
        self.services, self.hidden = found[:MOST], max(0, len(found) - MOST)
        self.waiting = [
            (names, wrapped(why(reason), RIGHT - LEFT - 2.5, 8.5))
            for reason, names in waiting_of(progress)[:4]
        ]
        tray = sum(self._tray_tall(lines) + 0.06 for _, lines in self.waiting)
        body = (TALL + SPACE) * max(len(self.services), 1)
        self.canvas = Canvas(WIDTH, 0.74 + body + 0.45 + tray + 0.38)
        last = max((amounts[-1].seconds for _, amounts in found), default=0.0)
        last = max(progress.seconds, last) or 1.0
        self.axis = Axis(self.canvas, LEFT + NAMES, RIGHT - ENDS, last)
        self.foot = self.canvas.height - 0.74 - body

    def _tray_tall(self, lines: list[str]) -> float:
        return max(0.3, 0.18 * len(lines) + 0.1)

    def draw(self) -> Figure:
        canvas = self.canvas
        heading(canvas, title_of(self.progress), self.progress.order or " ")
        y = canvas.height - 0.74
        for name, amounts in self.services:
            self._service(name, amounts, y - TALL)
            y -= TALL + SPACE
        if not self.services:
            canvas.write(LEFT, y - 0.2, label("desired.words_nothing"), colour=GREY)
        self.axis.draw(self.foot + SPACE - 0.14, label("desired.axis"))
        y = self.foot + SPACE - 0.14 - 0.45
        for names, lines in self.waiting:
            y = self._waiting(names, lines, y)
        self._legend(0.17)
        return canvas.figure

    def _service(self, name: str, amounts: tuple[Amount, ...], foot: float) -> None:
        canvas, axis = self.canvas, self.axis
        most = max(1, *(max(one.desired, one.running) for one in amounts))
        unit = (TALL - 0.06) / most

        def y(count: int) -> float:
            return foot + unit * count

        axis.grid(foot, foot + TALL)
        canvas.line((axis.start, axis.end), (foot, foot), colour=GREY, width=0.8)
        for count in _marks(amounts, most, unit):
            canvas.write(axis.start - 0.08, y(count), str(count), size=8, colour=GREY,
                         align="right")  # fmt: skip
            if count:
                canvas.axes.plot((axis.start, axis.end), (y(count), y(count)), color=FAINT,
                                 linewidth=0.6, zorder=0.5)  # fmt: skip
        filled = [
            (a, max(0, a.running - a.current), min(a.running, a.desired))
            for a in as_specified(amounts)
        ]
        axis.area([(a.seconds, y(0), y(older)) for a, older, _ in filled], OLDER)
        axis.area([(a.seconds, y(older), y(max(older, top))) for a, older, top in filled], CURRENT)
        axis.area([(a.seconds, y(a.desired), y(a.running)) for a in amounts], SURPLUS)
        axis.area([(a.seconds, y(a.running), y(a.desired)) for a in amounts], GAPS)
        axis.line([(a.seconds, y(a.running)) for a in amounts], CURRENT.colour, linewidth=1.0)
        axis.line([(a.seconds, y(a.desired)) for a in amounts], INK, linewidth=2.2)
        canvas.write(LEFT, foot + TALL / 2, short(name), size=10, width=NAMES - 0.4)
        last = amounts[-1]
        met = last.running == last.desired
        end = label("nodes.share", running=last.running, desired=last.desired)
        canvas.write(RIGHT - ENDS + 0.1, foot + TALL / 2, f"{'✓' if met else '✗'} {end}", size=9.5,
                     colour=SHARED.colour if met else WASTE.colour, width=ENDS)  # fmt: skip

    def _waiting(self, names: list[str], lines: list[str], y: float) -> float:
        canvas, tall = self.canvas, self._tray_tall(lines)
        canvas.box(LEFT, y - tall, RIGHT - LEFT, tall, face=WASTE.fill, edge=WASTE.colour,
                   dashed=True, line=1.0, round_=0.06)  # fmt: skip
        shown = label("comma").join(names[:3]) + (f" +{len(names) - 3}" if names[3:] else "")
        canvas.write(LEFT + 0.1, y - tall / 2, f"… {shown}", size=9, colour=WASTE.colour,
                     width=2.1)  # fmt: skip
        top = y - tall / 2 + 0.18 * (len(lines) - 1) / 2
        for number, line in enumerate(lines):
            canvas.write(LEFT + 2.35, top - 0.18 * number, line, size=8.5)
        return y - tall - 0.06

    def _legend(self, y: float) -> None:
        amounts = [one for _, found in self.services for one in found]
        older = any(one.current < one.running for one in amounts)
        running = label("desired.current" if older else "desired.running")
        items = [(LINE, label("desired.line"), False), (CURRENT, running, False)]
        if older:
            items.append((OLDER, label("desired.older"), False))
        if any(one.running < one.desired for one in amounts):
            items.append((GAPS, label("desired.gap"), False))
        if any(one.running > one.desired for one in amounts):
            items.append((SURPLUS, label("desired.surplus"), False))
        if self.hidden:
            items.append((Look(FAINT, PAPER), label("more", count=self.hidden), False))
        key(self.canvas, y, items)


def as_specified(amounts: Sequence[Amount]) -> list[Amount]:
    """Return the amounts with what ran before a new specification marked as older.

    Until the order arrives, all that runs is as specified: by what is about to be the older one.
    """
    first = next((n for n, one in enumerate(amounts) if one.current < one.running), 0)
    return [replace(one, current=0) if n < first else one for n, one in enumerate(amounts)]


def _marks(amounts: tuple[Amount, ...], most: int, unit: float) -> list[int]:
    """Return the numbers beside a panel: desired now and before, the most; not too close."""
    marks = [0]
    for count in (amounts[-1].desired, amounts[0].desired, most, amounts[-1].running):
        if all(abs(count - other) * unit >= 0.15 for other in marks):
            marks.append(count)
    return marks
