"""The moments of a story: numbers on lines through the bands, their names in a list below."""

from __future__ import annotations

from ..healing.model import Story
from . import style
from .axis import Axis
from .canvas import Canvas, measure
from .orchestra import LEFT, RIGHT, label, said
from .story_words import moment_words
from .style import FAILED, GREY, INK, LAYER, PAPER, SHARED, WASTE, Look

__all__ = ["Moments"]

ROW, BUBBLE, STRIP = 0.21, 0.3, 0.27  # inches: of a line of the list, the numbers, the recovery
MOST = 14  # moments that are drawn
LOOKS = {
    "fault": FAILED,
    "noticed": Look("#404040", "#e4e4e4"),
    "leader": Look("#7a3f78", "#f0e1ef"),
    "rollback": WASTE,
    "recovered": SHARED,
    "undone": LAYER,
}


class Moments:
    """Draws them for one story; `above` and `below` are the inches that they need."""

    def __init__(self, story: Story, kind: str) -> None:
        self.story, self.kind = story, kind
        self.shown = story.moments[:MOST]
        self.above = STRIP + BUBBLE if self.shown else STRIP
        self.columns = 1 if len(self.shown) <= 6 else 2
        lines = -(-len(self.shown) // self.columns)
        self.below = ROW * lines + (ROW if story.moments[MOST:] else 0.0)

    def draw(self, axis: Axis, top: float, foot: float) -> None:
        """Draw the recovery and the numbers below ``top``, and their lines down to ``foot``."""
        self._recovery(axis, top - 0.12)
        wanted = [axis.at(moment.seconds) for moment in self.shown]
        y = top - STRIP - 0.1
        places = apart(wanted, 0.21, axis.start, axis.end + 0.05)
        for number, (x, due, moment) in enumerate(zip(places, wanted, self.shown, strict=True), 1):
            colour = LOOKS.get(moment.what, LOOKS["noticed"]).colour
            axis.canvas.axes.plot((x, due, due), (y, y - 0.18, foot), color=colour, zorder=0.8,
                                  linewidth=1.1, linestyle=(0, (3, 1.5)))  # fmt: skip
            bubble(axis.canvas, x, y, number, colour)

    def _recovery(self, axis: Axis, y: float) -> None:
        """Draw how long it took from the fault until all was well, as a bar with a text."""
        story, canvas = self.story, axis.canvas
        began = next((m.seconds for m in self.shown if m.what == "fault"), 0.0)
        if story.recovered == 0:
            canvas.write(axis.start, y, f"✓ {label('story.never')}", size=8.5, colour=SHARED.colour)
            return
        over = story.recovered is not None
        look = SHARED if over else WASTE
        end = began + story.recovered if story.recovered is not None else story.seconds
        left, right = axis.at(began), max(axis.at(end), axis.at(began) + 0.04)
        words = label("story.open")
        if story.recovered is not None:
            words = label("story.recovered", seconds=f"{story.recovered:.1f}")
        need = measure(words, 8.5)
        middle = (left + right) / 2
        gap = need / 2 + 0.08
        parts = [(left, right)]
        if right + 0.1 + need <= RIGHT + 0.1:
            middle = right + gap
        elif right - left > need + 0.4:  # in the middle of the line
            parts = [(left, middle - gap), (middle + gap, right)]
        else:
            middle = left - gap
        canvas.write(middle, y, words, size=8.5, colour=look.colour, align="center")
        for part in parts:
            canvas.line(part, (y, y), colour=look.colour, width=2.4)
        for x in (left, right):
            canvas.line((x, x), (y - 0.06, y + 0.06), colour=look.colour, width=1.6)

    def list(self, canvas: Canvas, top: float) -> None:
        """Write what each number means, with the seconds, from ``top`` down."""
        lines = -(-len(self.shown) // self.columns)
        wide = (RIGHT - LEFT) / self.columns
        for place, moment in enumerate(self.shown):
            column, line = divmod(place, lines)
            x, y = LEFT + column * wide, top - ROW * (line + 0.5)
            look = LOOKS.get(moment.what, LOOKS["noticed"])
            bubble(canvas, x + 0.1, y, place + 1, look.colour)
            canvas.write(x + 0.65, y, f"{moment.seconds:.1f} s", size=8.5, colour=GREY,
                         align="right")  # fmt: skip
            words = moment_words(moment, self.story, self.kind, exact=True)
            canvas.write(x + 0.78, y, words, size=9, colour=INK, width=wide - 0.88)
        if left := len(self.story.moments) - len(self.shown):
            words = style.drawable(said("more", count=left))
            canvas.write(LEFT + 0.78, top - ROW * (lines + 0.5), words, size=8.5, colour=GREY)


def bubble(canvas: Canvas, x: float, y: float, number: int, colour: str) -> None:
    """Draw a number in a filled circle."""
    canvas.axes.plot((x,), (y,), marker="o", markersize=12, color=colour, zorder=2.6)
    canvas.write(x, y, str(number), size=7.5, colour=PAPER, align="center")


def apart(wanted: list[float], step: float, low: float, high: float) -> list[float]:
    """Return places at least ``step`` apart, near the wanted ones, between ``low`` and ``high``."""
    placed: list[float] = []
    for x in wanted:
        placed.append(max(x, placed[-1] + step) if placed else max(x, low))
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], high)
        high = placed[i] - step
    return placed
