"""What a change of a Dockerfile wins or costs: the size, and the rebuild after an edit."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .rows import counted, human, one_line
from .style import FAINT, GREY, RAN, label
from .waterfall_words import seconds

WIDTH, LEFT = 8.6, 0.3
NAMES = 1.75  # inches for what is compared
PANELS = (LEFT + NAMES + 0.15, 5.4)  # where the bars of each panel start
LONGEST = 1.8  # inches of the longest bar
ROW = 0.5
FILL = "......"  # the hatch of a bar before the change


@dataclass(frozen=True)
class Point:
    """One way to build an image, measured.

    Fields
    ------
    name: what it is called in the figure; untrusted text.
    size: bytes of file content of the image.
    seconds: that the rebuild after an edit took, the same edit for every point; None if nobody
        measured it.
    steps: that ran in this rebuild.
    """

    name: str
    size: int
    seconds: float | None
    steps: int


def tradeoff(before: Point, after: Point) -> Drawing:
    """Draw an image before and after a change: its size, and what a rebuild costs.

    Parameters
    ----------
    before, after: the measured points. Bars of a panel share one scale that begins at zero. Where
        one of the points has no time, the bars of the rebuild are its steps.
    """
    title = text(
        "figures.tradeoff.title",
        before=one_line(before.name, 60),
        after=one_line(after.name, 60),
        small=_change(human(before.size), human(after.size)),
        steps=_change(before.steps, after.steps),
    )
    with style.look():
        figure = _draw(before, after)
    return Drawing(figure, title, _words(title, before, after))


def _change(before: object, after: object) -> str:
    return text("figures.tradeoff.change", before=before, after=after)


def _draw(before: Point, after: Point) -> Figure:
    canvas = Canvas(WIDTH, 2.3)
    top = canvas.height
    timed = before.seconds is not None and after.seconds is not None
    canvas.write(LEFT, top - 0.2, label("tradeoff.headline"), size=12)
    canvas.write(LEFT, top - 0.45, label("tradeoff.shorter"), colour=GREY)
    keys = ("tradeoff.size", "tradeoff.rebuild" if timed else "tradeoff.steps")
    for x, key in zip(PANELS, keys, strict=True):
        canvas.write(x, top - 0.75, label(key), size=9, width=2.95)
    values = (
        (before.size, after.size),
        (before.seconds, after.seconds) if timed else (before.steps, after.steps),
    )
    first, last = top - 0.9, top - 0.9 - 2 * ROW
    for x, (old, new) in zip(PANELS, values, strict=True):
        most = max(old, new) or 1
        canvas.line((x, x), (last, first), colour=GREY, width=0.8)
        _bar(canvas, x, first - ROW / 2, LONGEST * old / most, old=True)
        _bar(canvas, x, last + ROW / 2, LONGEST * new / most, old=False)
    for point, y, side in ((before, first - ROW / 2, "before"), (after, last + ROW / 2, "after")):
        canvas.write(LEFT, y + 0.09, label(f"tradeoff.{side}"), size=9.5, width=NAMES)
        canvas.write(LEFT, y - 0.1, one_line(point.name, 80), size=8, colour=GREY, width=NAMES)
    for point, y, number in ((before, first - ROW / 2, 0), (after, last + ROW / 2, 1)):
        x = PANELS[0] + LONGEST * values[0][number] / (max(values[0]) or 1) + 0.08
        canvas.write(x, y, human(point.size), size=9, width=PANELS[1] - x - 0.1)
        x = PANELS[1] + LONGEST * values[1][number] / (max(values[1]) or 1) + 0.08
        _cost(canvas, x, y, point, timed)
    for x, words in zip(PANELS, _results(before, after), strict=True):
        canvas.write(x, last - 0.16, style.drawable(words), size=9, width=2.95)
    return canvas.figure


def _bar(canvas: Canvas, x: float, y: float, length: float, *, old: bool) -> None:
    face, edge, hatch = (FAINT, GREY, FILL) if old else (RAN.colour, RAN.colour, "")
    if length:
        canvas.box(
            x, y - 0.12, max(length, 0.02), 0.24, face=face, edge=edge, hatch=hatch, line=0.8
        )


def _cost(canvas: Canvas, x: float, y: float, point: Point, timed: bool) -> None:
    """Write time and steps beside a bar, first what the bar shows."""
    steps = style.drawable(counted("tradeoff.ran", point.steps))
    time = label("waterfall.seconds", seconds=f"{point.seconds or 0:.1f}")
    if point.seconds is None:
        time = label("tradeoff.unmeasured")
    first, second = (time, steps) if timed else (steps, time)
    canvas.write(x, y + 0.09, first, size=9, width=WIDTH - x - 0.1)
    canvas.write(x, y - 0.09, second, size=8.5, colour=GREY, width=WIDTH - x - 0.1)


def _results(before: Point, after: Point) -> tuple[str, str]:
    """Return what the change did to the size and to the rebuild; time decides nothing of it."""
    difference = after.size - before.size
    if difference:
        key = "smaller" if difference < 0 else "larger"
        size = _judged(text(f"figures.tradeoff.{key}", size=human(abs(difference))), difference)
    else:
        size = text("figures.tradeoff.same_size")
    more = after.steps - before.steps
    if more:
        steps = _judged(counted(f"tradeoff.{'fewer' if more < 0 else 'more'}", abs(more)), more)
    else:
        steps = text("figures.tradeoff.same_steps")
    return size, steps


def _judged(words: str, difference: int) -> str:
    return text(f"figures.tradeoff.{'better' if difference < 0 else 'worse'}", what=words)


def _words(title: str, before: Point, after: Point) -> str:
    lines = [title]
    for side, point in (("before", before), ("after", after)):
        unmeasured = text("figures.tradeoff.unmeasured")
        lines.append(
            "  "
            + text(
                "figures.tradeoff.point",
                side=text(f"figures.tradeoff.{side}"),
                name=one_line(point.name, 80),
                size=human(point.size),
                ran=counted("tradeoff.ran", point.steps),
                seconds=unmeasured if point.seconds is None else seconds(point.seconds),
            )
        )
    size, steps = _results(before, after)
    lines.append(text("figures.tradeoff.result", size=size, steps=steps))
    return "\n".join(lines)
