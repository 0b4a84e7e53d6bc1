"""One build as a strip of boxes: which steps came from the cache, and where that ended."""

from __future__ import annotations

import math

from matplotlib.figure import Figure

from ..builds.model import Explanation, Trace
from ..messages import text
from ..text import plain
from . import step_box, style
from .canvas import Canvas, measure
from .drawing import Drawing
from .marks import Mark, by_stage, counts, listed, marks, trace_of
from .rows import one_line
from .style import GREY, label

WIDTH, LEFT, RIGHT = 8.6, 0.3, 8.4
NARROWEST, WIDEST = 0.84, 1.9  # inches of a box
GAP = 0.12
LINES = 3  # of the instruction in a box


def strip(what: Trace | Explanation) -> Drawing:
    """Draw the steps of a build as a row of boxes, in the order of the Dockerfile.

    Parameters
    ----------
    what: an explanation (`helpers.builds.explain`), which tells the steps to blame from those that
        merely followed, or a trace, of which only hits and steps that ran are known.

    One row a stage; a row that is too long goes on below.
    """
    title = text("figures.strip.title", name=plain(trace_of(what).tag), counts=counts(what))
    found = marks(what)
    with style.look():
        figure = _draw(what, by_stage(found))
    words = [title, text("figures.in_order"), *listed(found)]
    return Drawing(figure, title, "\n".join(words))


def per_row(longest: int, room: float) -> tuple[int, float]:
    """Return how many boxes stand side by side in ``room`` inches, and how wide one is.

    Rows that have to be broken are broken evenly.
    """
    most = max(1, int((room + GAP) / (NARROWEST + GAP)))
    rows = max(1, math.ceil(longest / most))
    count = max(1, math.ceil(longest / rows))
    return count, min(WIDEST, (room + GAP) / count - GAP)


def _draw(what: Trace | Explanation, stages: dict[str, list[Mark]]) -> Figure:
    names = {name: label("stage", name=one_line(name, 60)) for name in stages}
    side = 0.0
    if len(stages) > 1:
        side = min(max(measure(name, 9) for name in names.values()), 1.2) + 0.2
    start = LEFT + side
    count, wide = per_row(max(map(len, stages.values()), default=1), RIGHT - start)
    tall = step_box.height(LINES)
    rows = sum(math.ceil(len(steps) / count) for steps in stages.values())
    roles = {mark.shown for steps in stages.values() for mark in steps}
    legend = step_box.legend_height(roles, RIGHT - LEFT)
    between = 0.12 * max(0, len(stages) - 1)
    canvas = Canvas(WIDTH, 0.7 + max(rows, 0.4) * (tall + 0.16) + between + legend + 0.16)
    heading(canvas, trace_of(what).tag, counts(what))
    y = canvas.height - 0.7
    for name, steps in stages.items():
        if side:
            canvas.write(LEFT, y - tall / 2, names[name], size=9, width=side - 0.15)
        for first in range(0, len(steps), count):
            _row(canvas, start, y - tall, wide, steps[first : first + count],
                 goes_on=first + count < len(steps), went_on=first > 0)  # fmt: skip
            y -= tall + 0.16
        y -= 0.12
    if not stages:
        canvas.write(LEFT, y - 0.15, label("no_steps"), colour=GREY)
    step_box.legend(canvas, LEFT, legend + 0.14, RIGHT - LEFT, roles)
    return canvas.figure


def heading(canvas: Canvas, name: str, facts: str) -> None:
    """Write an image's name and one line of facts at the top."""
    canvas.write(LEFT, canvas.height - 0.2, name, size=12, width=WIDTH - LEFT - 0.1)
    canvas.write(LEFT, canvas.height - 0.45, facts, colour=GREY, width=WIDTH - LEFT - 0.1)


def _row(
    canvas: Canvas,
    x: float,
    y: float,
    wide: float,
    steps: list[Mark],
    *,
    goes_on: bool,
    went_on: bool,
) -> None:
    middle = y + step_box.height(LINES) / 2
    if went_on:
        canvas.line((x - 0.1, x), (middle, middle), colour=GREY, dashed=True)
    for place, mark in enumerate(steps):
        at = x + place * (wide + GAP)
        if place:
            canvas.line((at - GAP, at), (middle, middle), colour=GREY)
        step_box.draw(canvas, at, y, wide, mark, LINES)
    if goes_on:
        end = x + len(steps) * (wide + GAP) - GAP
        canvas.line((end, end + 0.1), (middle, middle), colour=GREY, dashed=True)
