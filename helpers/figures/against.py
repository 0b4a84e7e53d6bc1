"""Build against build: the earlier strip above the later one, and why a step missed the cache."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from ..builds.model import Explanation
from ..messages import text
from ..text import columns, padded, plain
from . import step_box, style
from .alignment import Pair, aligned
from .cache_strip import GAP, LEFT, RIGHT, WIDTH, heading, per_row
from .canvas import Canvas, measure
from .drawing import Drawing
from .marks import Mark, counts, marks, stage_name
from .rows import one_line
from .style import BLAME, GREY, label
from .wrapping import wrapped

OLD_LINES, NEW_LINES = 1, 2  # of the instruction in a box
OLD, NEW = step_box.height(OLD_LINES), step_box.height(NEW_LINES)
SIZE, LINE, MOST = 9, 0.18, 6  # of a reason: points, inches from line to line, lines
POINTER = 0.13  # inches of the tip that points to a step


def strips(explanation: Explanation) -> Drawing:
    """Draw two builds one above the other, step beside step, with the reason of each first miss.

    Parameters
    ----------
    explanation: what `helpers.builds.explain` returned. Without an earlier build the upper strip is
        empty, and the reasons say so.
    """
    before, after = explanation.before, explanation.after
    title = text(
        "figures.strips.title" if before else "figures.strips.title_alone",
        before=plain(before.tag) if before else "",
        after=plain(after.tag),
        counts=counts(explanation),
    )
    pairs = aligned(marks(before) if before else (), marks(explanation))
    with style.look():
        figure = _Strips(explanation, pairs).draw()
    return Drawing(figure, title, _words(title, explanation, pairs))


@dataclass(frozen=True)
class _Band:
    """A piece of a stage that fits the width: pairs of steps and the reasons beneath them."""

    stage: str | None
    pairs: list[Pair]
    reasons: list[str]

    @property
    def blamed(self) -> list[int]:
        return [n for n, (_, new) in enumerate(self.pairs) if new and new.cause]

    @property
    def height(self) -> float:
        bubble = POINTER + LINE * len(self.reasons) + 0.14 if self.reasons else 0.0
        return (0.0 if self.stage is None else 0.24) + OLD + 0.1 + NEW + bubble


class _Strips:
    """The places of everything in the picture, from the top down."""

    def __init__(self, explanation: Explanation, stages: dict[str, list[Pair]]) -> None:
        self.explanation = explanation
        self.sides = [label("strips.earlier"), label("strips.later")]
        self.start = LEFT + max(measure(side, 9) for side in self.sides) + 0.15
        self.room = RIGHT - self.start
        self.count, self.wide = per_row(max(map(len, stages.values()), default=1), self.room)
        self.bands = [
            self._band(name if len(stages) > 1 else None, pairs[first : first + self.count])
            for name, pairs in stages.items()
            for first in range(0, len(pairs), self.count)
        ]
        steps = [mark for pairs in stages.values() for pair in pairs for mark in pair if mark]
        self.roles = {mark.shown for mark in steps}
        self.legend = step_box.legend_height(self.roles, RIGHT - LEFT)
        body = sum(band.height + 0.26 for band in self.bands) or 0.4
        self.canvas = Canvas(WIDTH, 0.7 + body + self.legend + 0.12)

    def _band(self, stage: str | None, pairs: list[Pair]) -> _Band:
        reasons: list[str] = []
        for _, new in pairs:
            if new and new.cause:
                reasons += wrapped(_reason(new), self.room - 0.24, SIZE, most=MOST)
        return _Band(stage, pairs, reasons)

    def draw(self) -> Figure:
        facts = label("strips.facts", counts=counts(self.explanation))
        heading(self.canvas, _headline(self.explanation), facts)
        y = self.canvas.height - 0.7
        for band in self.bands:
            self._draw_band(band, y)
            y -= band.height + 0.26
        if not self.bands:
            self.canvas.write(LEFT, y - 0.15, label("no_steps"), colour=GREY)
        step_box.legend(self.canvas, LEFT, self.legend + 0.12, RIGHT - LEFT, self.roles)
        return self.canvas.figure

    def _draw_band(self, band: _Band, y: float) -> None:
        canvas = self.canvas
        if band.stage is not None:
            name = label("stage", name=one_line(band.stage, 60))
            canvas.write(LEFT, y - 0.1, name, width=RIGHT - LEFT)
            y -= 0.24
        upper, lower = y - OLD, y - OLD - 0.1 - NEW
        for side, middle in zip(self.sides, (upper + OLD / 2, lower + NEW / 2), strict=True):
            canvas.write(LEFT, middle, side, size=9, colour=GREY)
        alone = self.explanation.before is None
        if alone:
            whole = len(band.pairs) * (self.wide + GAP) - GAP
            step_box.ghost(canvas, self.start, upper, whole, OLD, label("strips.none"))
        for number, (old, new) in enumerate(band.pairs):
            x = self.start + number * (self.wide + GAP)
            if old:
                step_box.draw(canvas, x, upper, self.wide, old, OLD_LINES)
            elif not alone:
                step_box.ghost(canvas, x, upper, self.wide, OLD, label("strips.new"))
            if new:
                step_box.draw(canvas, x, lower, self.wide, new, NEW_LINES)
            else:
                step_box.ghost(canvas, x, lower, self.wide, NEW, label("strips.gone"))
        if band.reasons:
            self._bubble(band, lower)

    def _bubble(self, band: _Band, top: float) -> None:
        """Write the reasons in a box whose tips point to their steps."""
        tips = [self.start + n * (self.wide + GAP) + self.wide / 2 for n in band.blamed]
        width = max(measure(line, SIZE) for line in band.reasons) + 0.24
        width = max(width, tips[-1] - tips[0] + 0.5)
        left = (tips[0] + tips[-1]) / 2 - width / 2
        left = max(self.start, min(left, RIGHT - width))
        height = LINE * len(band.reasons) + 0.14
        upper, right = top - POINTER, left + width
        outline = [(left, upper - height), (left, upper)]
        for tip in tips:
            outline += [(tip - 0.09, upper), (tip, top - 0.015), (tip + 0.09, upper)]
        outline += [(right, upper), (right, upper - height)]
        self.canvas.axes.add_patch(
            Polygon(outline, facecolor=BLAME.fill, edgecolor=BLAME.colour, linewidth=1.4)
        )
        for number, line in enumerate(band.reasons):
            middle = upper - 0.07 - LINE * (number + 0.5)
            self.canvas.write(left + 0.12, middle, line, size=SIZE)


def _reason(mark: Mark) -> str:
    return label("strips.reason", step=mark.step.number, reason=one_line(str(mark.cause), 1500))


def _headline(explanation: Explanation) -> str:
    before, after = explanation.before, explanation.after
    if before is None or before.tag == after.tag:
        return after.tag
    return label("strips.headline", before=one_line(before.tag, 60), after=one_line(after.tag, 60))


def _words(title: str, explanation: Explanation, stages: dict[str, list[Pair]]) -> str:
    lines = [title, text("figures.in_order")]
    alone = explanation.before is None
    every = [pair for pairs in stages.values() for pair in pairs]
    roles = max((columns(_roles(pair, alone)) for pair in every), default=0)
    for name, pairs in stages.items():
        if len(stages) > 1:
            lines.append(f"  {stage_name(name)}")
        indent = "    " if len(stages) > 1 else "  "
        for pair in pairs:
            old, new = pair
            number = str(new.step.number) if new else "–"
            what = one_line((new or old).step.instruction)
            lines.append(f"{indent}{number:>2}  {padded(_roles(pair, alone), roles)}  {what}")
            was = one_line(old.step.instruction) if old else what
            inner = indent + "      "
            if was != what:
                lines.append(inner + text("figures.strips.was", instruction=was))
            if new and new.cause:
                reason = one_line(str(new.cause), 1500)
                lines.append(inner + text("figures.strips.why", reason=reason))
    if not stages:
        lines.append(f"  {text('figures.no_steps')}")
    return "\n".join(line.rstrip() for line in lines)


def _roles(pair: Pair, alone: bool) -> str:
    old, new = pair
    if alone:
        return new.said
    return text(
        "figures.strips.roles",
        before=old.said if old else text("figures.strips.new"),
        after=new.said if new else text("figures.strips.gone"),
    )
