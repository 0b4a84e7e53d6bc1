"""When each step of a build ran: a bar for each, so that stages side by side are seen."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from ..builds.model import CACHED, FAILED, RAN, UNREACHED, Step, Trace
from ..messages import text
from ..text import plain
from . import style
from .cache_strip import LEFT, WIDTH, heading
from .canvas import Canvas, measure
from .drawing import Drawing
from .graph_layout import uses
from .marks import Mark, by_stage, counts, marks
from .rows import one_line
from .style import CROSSING, FAINT, GREY, HIT, label
from .waterfall_words import waterfall_words

NAMES = 3.5  # inches for number and instruction
START, END = LEFT + NAMES + 0.15, 8.0  # of the time axis
SHADE = "#e3e9ef"  # the time that a stage took


def waterfall(trace: Trace) -> Drawing:
    """Draw when the steps of a build ran, on one axis of seconds.

    Parameters
    ----------
    trace: of a build.

    A step that ran is a bar; one from the cache is a tick where it was due. The steps of a stage
    stand together on a shade as long as the stage took, so that two stages at the same time lie
    one above the other. The words hold durations as ``≈1.2 s``, and nothing else that time decides.
    """
    title = text("figures.waterfall.title", name=plain(trace.tag), counts=counts(trace))
    with style.look():
        figure = _Waterfall(trace).draw()
    return Drawing(figure, title, waterfall_words(title, trace))


class _Waterfall:
    """The places of everything in the picture."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.stages = by_stage(marks(trace))
        self.due = _due(trace)
        last = max((start + length for start, length in self.due.values()), default=0.0)
        self.last = last or 1.0
        self.several = len(self.stages) > 1
        count = len(trace.steps)
        self.row = 0.27 if count <= 24 else 0.21
        extra = (self.row + 0.1) * len(self.stages) if self.several else 0.0
        self.body = max(self.row * count + extra, 0.4)
        self.canvas = Canvas(WIDTH, 0.7 + self.body + 0.95)
        self.places: dict[str, float] = {}  # the middle of each step's row

    def draw(self) -> Figure:
        canvas, top = self.canvas, self.canvas.height - 0.7
        heading(canvas, self.trace.tag, counts(self.trace))
        foot = top - self.body
        self._axis(foot, top)
        y = top
        for name, steps in self.stages.items():
            y = self._stage(name, steps, y)
        if not self.stages:
            canvas.write(LEFT, y - 0.15, label("no_steps"), colour=GREY)
        self._takes()
        self._legend(0.18)
        return canvas.figure

    def _at(self, moment: float) -> float:
        return START + (END - START) * moment / self.last

    def _axis(self, foot: float, top: float) -> None:
        canvas = self.canvas
        ticks = [
            t
            for t in MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0, self.last)
            if 0 <= t <= self.last * 1.02
        ]
        for tick in ticks:
            x = self._at(tick)
            canvas.axes.plot((x, x), (foot, top), color=FAINT, linewidth=0.8, zorder=0.6)
            canvas.write(x, foot - 0.12, f"{tick:g}", size=8, colour=GREY, align="center")
        canvas.line((START, END), (foot, foot), colour=GREY, width=1)
        canvas.write((START + END) / 2, foot - 0.32, label("waterfall.axis"), size=8.5,
                     colour=GREY, align="center")  # fmt: skip

    def _stage(self, name: str, steps: list[Mark], y: float) -> float:
        canvas = self.canvas
        upper = y
        if self.several:
            y -= self.row
            canvas.write(LEFT, y + self.row / 2, label("stage", name=one_line(name, 60)),
                         size=9.5, width=NAMES)  # fmt: skip
        ran = [mark.step for mark in steps if mark.step.state in (RAN, FAILED)]
        if self.several and ran:
            begin = min(self.due[step.id][0] for step in ran)
            end = max(sum(self.due[step.id]) for step in ran)
            tall = self.row * (len(steps) + 1)
            self._under(self._at(begin), upper - tall, self._at(end) - self._at(begin), tall)
        for mark in steps:
            y -= self.row
            self._step(mark, y + self.row / 2)
        return y - 0.1 if self.several else y

    def _under(self, x: float, y: float, width: float, tall: float) -> None:
        patch = Rectangle((x, y), width, tall, facecolor=SHADE, edgecolor="none", zorder=0.5)
        self.canvas.axes.add_patch(patch)

    def _step(self, mark: Mark, y: float) -> None:
        canvas, step, look = self.canvas, mark.step, mark.look
        self.places[step.id] = y
        inset = 0.15 if self.several else 0.0
        canvas.write(LEFT + inset + 0.2, y, str(step.number), size=8.5, align="right",
                     colour=look.colour)  # fmt: skip
        canvas.write(LEFT + inset + 0.3, y, one_line(step.instruction), size=8, mono=True,
                     width=NAMES - inset - 0.3)  # fmt: skip
        start, length = self.due[step.id]
        x = self._at(start)
        if step.state in (RAN, FAILED):
            self._bar(mark, y, x, self._at(start + length), length)
        elif step.state == CACHED:
            canvas.line((x, x), (y - self.row * 0.36, y + self.row * 0.36), colour=HIT.colour,
                        width=2.4)  # fmt: skip
            self._beside(y, x, x, HIT.symbol, HIT.colour)
        else:
            self._beside(y, x, x, f"{look.symbol} {label(f'role.{mark.shown}')}", look.colour)

    def _bar(self, mark: Mark, y: float, x: float, end: float, length: float) -> None:
        tall, colour = self.row * 0.62, mark.look.colour
        end = max(end, x + 0.03)  # a bar of no width would not be seen
        self.canvas.box(x, y - tall / 2, end - x, tall, face=colour, edge=colour, line=0.8)
        words = label("waterfall.seconds", seconds=f"{length:.1f}")
        if mark.shown == "failed":
            words = f"{mark.look.symbol} {label('role.failed')}, {words}"
        self._beside(y, x, end, words, style.INK)

    def _beside(self, y: float, begin: float, end: float, words: str, colour: str) -> None:
        """Write to the right of a bar; to its left, or inside, where the picture ends."""
        width = measure(words, 8)
        if end + 0.06 + width <= WIDTH - 0.08:
            self.canvas.write(end + 0.06, y, words, size=8, colour=colour)
        elif begin - 0.06 - width >= START:
            self.canvas.write(begin - 0.06, y, words, size=8, colour=colour, align="right")
        else:
            self.canvas.write(begin + 0.08, y, words, size=8, colour=style.PAPER)
            return
        # Lines may pass behind the words.
        halo = [withStroke(linewidth=2.5, foreground=style.PAPER)]
        self.canvas.axes.texts[-1].set_path_effects(halo)

    def _crossings(self) -> Iterator[tuple[Step, Step]]:
        """Yield each step that ran, and a step of another stage that takes its result."""
        for step in self.trace.steps:
            for used in step.inputs:
                if used not in self.places or step.state == UNREACHED:
                    continue
                other = self.trace.step(used)
                if other.stage != step.stage and other.state == RAN:
                    yield other, step

    def _takes(self) -> None:
        """Lead from the end of a step to the step of another stage that takes its result."""
        for used, step in self._crossings():
            x, due = self._at(sum(self.due[used.id])), self._at(self.due[step.id][0])
            above, below = self.places[used.id], self.places[step.id]
            if due - x >= 0.12:  # from the left
                xs, ys = (x, x, due - 0.08), (above, below, below)
                tip = [(due, below), (due - 0.09, below + 0.045), (due - 0.09, below - 0.045)]
            else:  # from above
                top = below + self.row * 0.31
                xs, ys = (x, x), (above, top)
                tip = [(x, top), (x - 0.045, top + 0.09), (x + 0.045, top + 0.09)]
            self.canvas.axes.plot(
                xs, ys, color=CROSSING, linewidth=1.4, linestyle=(0, (3, 2)), zorder=1.5
            )
            self.canvas.axes.add_patch(Polygon(tip, color=CROSSING, linewidth=0, zorder=1.6))

    def _legend(self, y: float) -> None:
        canvas, x = self.canvas, LEFT
        states = {step.state for step in self.trace.steps}
        if RAN in states:
            canvas.box(x, y - 0.06, 0.28, 0.12, face=style.RAN.colour, edge=style.RAN.colour)
            x += self._legend_words(x, y, "waterfall.ran")
        if CACHED in states:
            canvas.line((x + 0.05, x + 0.05), (y - 0.09, y + 0.09), colour=HIT.colour, width=2.4)
            canvas.write(x + 0.12, y, HIT.symbol, size=8.5, colour=HIT.colour)
            x += self._legend_words(x, y, "waterfall.cached")
        if self.several and {RAN, FAILED} & states:
            canvas.box(x, y - 0.06, 0.28, 0.12, face=SHADE, edge=SHADE)
            x += self._legend_words(x, y, "waterfall.stage")
        if any(self._crossings()):
            canvas.line((x, x + 0.28), (y, y), colour=CROSSING, width=1.3, dashed=True)
            self._legend_words(x, y, "waterfall.takes")

    def _legend_words(self, x: float, y: float, key: str) -> float:
        return 0.34 + self.canvas.write(x + 0.34, y, label(key), size=8.5, colour=GREY) + 0.22


def _due(trace: Trace) -> dict[str, tuple[float, float]]:
    """Return for each step when it ran and how long, in seconds.

    A step that did not run was due when all it uses was there, and took no time.
    """
    found: dict[str, tuple[float, float]] = {}
    for step, used in zip(trace.steps, uses(trace).values(), strict=True):
        after = max((sum(found[other]) for other in used), default=0.0)
        start = after if step.start is None or step.state not in (RAN, FAILED) else step.start
        ran = step.state in (RAN, FAILED) and step.duration
        found[step.id] = (max(start, 0.0), max(step.duration, 0.0) if ran else 0.0)
    return found
