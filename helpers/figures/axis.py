"""An axis of seconds on a canvas, and amounts as steps along it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.patches import Polygon
from matplotlib.ticker import MaxNLocator

from .canvas import Canvas
from .style import FAINT, GREY, Look

__all__ = ["Axis", "Step"]

# From one moment on: seconds, the lower and the upper edge of an area.
Step = tuple[float, float, float]


@dataclass(frozen=True)
class Axis:
    """Where moments of ``0 … last`` seconds lie between ``start`` and ``end`` inches."""

    canvas: Canvas
    start: float
    end: float
    last: float

    def at(self, moment: float) -> float:
        """Return the place of a moment; what is outside lies at the ends."""
        last = self.last if self.last > 0 else 1.0
        return self.start + (self.end - self.start) * min(max(moment, 0.0), last) / last

    def ticks(self, count: int = 8) -> list[float]:
        """Return round numbers of seconds that lie on the axis."""
        found = MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(0, self.last)
        return [float(tick) for tick in found if 0 <= tick <= self.last]

    def draw(self, y: float, words: str) -> None:
        """Draw the axis at height ``y``: its numbers and ``words`` take 0.4 inches below it."""
        for tick in self.ticks():
            x = self.at(tick)
            self.canvas.axes.plot((x, x), (y, y - 0.05), color=GREY, linewidth=0.8)
            self.canvas.write(x, y - 0.14, f"{tick:g}", size=8, colour=GREY, align="center")
        self.canvas.line((self.start, self.end), (y, y), colour=GREY)
        self.canvas.write((self.start + self.end) / 2, y - 0.32, words, size=8.5, colour=GREY,
                          align="center")  # fmt: skip

    def grid(self, bottom: float, top: float) -> None:
        """Draw thin lines through the ticks."""
        for tick in self.ticks():
            x = self.at(tick)
            self.canvas.axes.plot((x, x), (bottom, top), color=FAINT, linewidth=0.6, zorder=0.5)

    def area(self, steps: Sequence[Step], look: Look, zorder: float = 1.0) -> None:
        """Fill between two stepped edges; each step holds until the next one, the last to the end.

        Heights are inches on the canvas. Where both edges agree nothing is drawn.
        """
        for number, (moment, low, high) in enumerate(steps):
            if high <= low:
                continue
            until = steps[number + 1][0] if number + 1 < len(steps) else self.last
            left, right = self.at(moment), self.at(until)
            if right <= left:
                continue
            corners = [(left, low), (left, high), (right, high), (right, low)]
            self.canvas.axes.add_patch(
                Polygon(corners, facecolor=look.fill, edgecolor=look.colour, hatch=look.hatch,
                        linewidth=0, zorder=zorder)
            )  # fmt: skip

    def line(self, steps: Sequence[tuple[float, float]], colour: str, **looks: object) -> None:
        """Draw a stepped line through (seconds, height in inches)."""
        xs, ys = [], []
        for number, (moment, height) in enumerate(steps):
            until = steps[number + 1][0] if number + 1 < len(steps) else self.last
            xs += [self.at(moment), self.at(until)]
            ys += [height, height]
        self.canvas.axes.plot(xs, ys, color=colour, **{"linewidth": 2.0, "zorder": 3} | looks)
