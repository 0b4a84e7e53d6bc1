"""The lives of containers on one axis of seconds: states as bars, the engine's events above."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..containers.events import Event
from ..containers.timeline import Life, Span, Timeline
from ..messages import text
from . import style
from .cache_strip import LEFT, RIGHT, WIDTH
from .canvas import Canvas, measure
from .drawing import Drawing
from .rows import one_line
from .style import FAINT, GREY, INK, PAPER, Look
from .timeline_words import counted_facts, event_words, state_words, timeline_words, title_of

START, END = LEFT + 0.1, RIGHT - 0.1
BAR, NAME, BUBBLE, LINE = 0.27, 0.26, 0.2, 0.2  # inches: heights
SHOWN = 40  # events of one container that get a number
LIVES = 8  # containers that are drawn

LOOKS = {
    "created": Look("#595959", "#ffffff"),
    "running": Look("#007656", "#d5efe6"),
    "paused": Look("#006ca9", "#dcebf7", hatch="////"),
    "restarting": Look("#7d5a00", "#fbeccb", hatch="...."),
    "exited": Look("#595959", "#dddddd", hatch="----"),
}


def timeline(found: Timeline) -> Drawing:
    """Draw the lives of containers: which state each was in, and the events that changed it.

    Parameters
    ----------
    found: as `helpers.containers.timeline` returns it.

    Every event of the engine has a number above the bar and is named below it. The words hold
    states, events and counts in their order, and no durations.
    """
    title = title_of(found)
    with style.look():
        figure = _Lives(found).draw()
    return Drawing(figure, title, timeline_words(title, found))


def _said(key: str, **values: object) -> str:
    return style.drawable(text(f"containers.{key}", **values))


class _Lives:
    """The places of everything in the picture."""

    def __init__(self, found: Timeline) -> None:
        self.found = found
        self.lives = found.lives[:LIVES]
        self.last = max(found.seconds, 0.001)
        self.lists = [_flow(life) for life in self.lives]
        self.tall = [NAME + BUBBLE + 0.12 + BAR + 0.08 + LINE * len(rows) + 0.2
                     for rows in self.lists]  # fmt: skip
        self.body = max(sum(self.tall), 0.4)
        self.canvas = Canvas(WIDTH, 0.5 + self.body + 0.75)

    def draw(self) -> Figure:
        canvas = self.canvas
        top = canvas.height - 0.5
        canvas.write(LEFT, canvas.height - 0.22, style.drawable(title_of(self.found)), size=12,
                     width=RIGHT - LEFT)  # fmt: skip
        foot = top - self.body
        self._axis(foot, top)
        for begin, end in self.found.gaps:
            x, until = self._at(begin), self._at(end)
            canvas.box(x, foot, max(until - x, 0.03), top - foot, face="#f3e6f0", edge="#f3e6f0")
        y = top
        for life, rows, tall in zip(self.lives, self.lists, self.tall, strict=True):
            self._life(life, rows, y)
            y -= tall
        if not self.lives:
            canvas.write(LEFT, y - 0.15, _said("timeline.nothing"), colour=GREY)
        self._legend(0.16)
        if left := len(self.found.lives) - len(self.lives):
            canvas.write(RIGHT, 0.16, _said("timeline.more", count=left), size=8.5, colour=GREY,
                         align="right")  # fmt: skip
        return canvas.figure

    def _at(self, moment: float) -> float:
        return START + (END - START) * min(max(moment, 0.0), self.last) / self.last

    def _axis(self, foot: float, top: float) -> None:
        canvas = self.canvas
        for tick in MaxNLocator(8, steps=[1, 2, 5, 10]).tick_values(0, self.last):
            if not 0 <= tick <= self.last:
                continue
            x, y = self._at(tick), top
            canvas.write(x, foot - 0.12, f"{tick:g}", size=8, colour=GREY, align="center")
            for tall in self.tall:  # beside the bars alone: no line through the words
                ends = (y - NAME - BUBBLE - 0.05, y - NAME - BUBBLE - 0.12 - BAR - 0.05)
                canvas.axes.plot((x, x), ends, color=FAINT, linewidth=0.7, zorder=0.5)
                y -= tall
            canvas.axes.plot((x, x), (foot, foot + 0.05), color=GREY, linewidth=0.8)
        canvas.line((START, END), (foot, foot), colour=GREY)
        canvas.write((START + END) / 2, foot - 0.3, _said("timeline.axis"), size=8.5, colour=GREY,
                     align="center")  # fmt: skip

    def _life(self, life: Life, rows: list[list[tuple[str, str]]], top: float) -> None:
        canvas = self.canvas
        y = top - NAME / 2
        name = canvas.write(LEFT, y, one_line(life.name, 80), size=10.5, width=4.5)
        if facts := counted_facts(life):
            canvas.write(LEFT + name + 0.2, y, style.drawable(facts), size=8.5, colour=GREY)
        bubbles = top - NAME - BUBBLE / 2
        bar = top - NAME - BUBBLE - 0.12 - BAR
        self._bubbles(life.events[:SHOWN], bubbles, bar + BAR)
        for span in life.spans:
            self._span(span, bar)
        if life.removed is not None:
            x = self._at(life.removed)
            canvas.axes.plot((x,), (bar + BAR / 2,), marker="X", markersize=8, color=INK, zorder=4,
                             markeredgecolor=PAPER)  # fmt: skip
        y = bar - 0.08
        for row in rows:
            y -= LINE
            x = LEFT + 0.05
            for number, words in row:
                canvas.write(x, y + LINE / 2, number, size=7.5, colour=GREY)
                x += measure(number, 7.5) + 0.05
                x += canvas.write(x, y + LINE / 2, words, size=8.5, width=RIGHT - x) + 0.16

    def _bubbles(self, events: tuple[Event, ...], y: float, bar: float) -> None:
        """Number the events; where they lie close together the numbers are moved apart."""
        wanted = [self._at(event.seconds) for event in events]
        step = min(0.2, (END - START) / max(len(wanted), 1))
        for number, (x, due) in enumerate(zip(_apart(wanted, step), wanted, strict=True), 1):
            self.canvas.axes.plot((x, due, due), (y - 0.08, bar + 0.03, bar), color=GREY,
                                  linewidth=0.7, zorder=1)  # fmt: skip
            self.canvas.write(x, y, str(number), size=7.5, align="center")

    def _span(self, span: Span, y: float) -> None:
        look, x, end = LOOKS[span.state], self._at(span.start), self._at(span.end)
        wide = max(end - x, 0.02)
        self.canvas.box(x, y, wide, BAR, face=look.fill, edge=look.colour, hatch=look.hatch,
                        line=0.9)  # fmt: skip
        words = style.drawable(state_words(span))
        if measure(words, 8.5) + 0.14 > wide:
            words = style.drawable(text(f"containers.state.{span.state}"))
        room = measure(words, 8.5) + 0.1
        if room <= wide - 0.04:
            if look.hatch:  # or the hatch would run through the letters
                self.canvas.box(x + (wide - room) / 2, y + 0.04, room, BAR - 0.08, face=look.fill,
                                edge=look.fill)  # fmt: skip
            self.canvas.write(x + wide / 2, y + BAR / 2, words, size=8.5, align="center")

    def _legend(self, y: float) -> None:
        canvas, x = self.canvas, LEFT
        states = {span.state for life in self.lives for span in life.spans}
        for state, look in LOOKS.items():
            if state not in states:
                continue
            canvas.box(x, y - 0.07, 0.28, 0.14, face=look.fill, edge=look.colour, hatch=look.hatch,
                       line=0.9)  # fmt: skip
            x += 0.34 + canvas.write(x + 0.34, y, _said(f"state.{state}"), size=8.5, colour=GREY)
            x += 0.2
        if any(life.removed is not None for life in self.lives):
            canvas.axes.plot((x + 0.06,), (y,), marker="X", markersize=7, color=INK)
            x += 0.18
            x += canvas.write(x, y, _said("state.removed"), size=8.5, colour=GREY) + 0.2
        if self.found.gaps:
            canvas.box(x, y - 0.07, 0.28, 0.14, face="#f3e6f0", edge="#f3e6f0")
            canvas.write(x + 0.34, y, _said("timeline.silent"), size=8.5, colour=GREY,
                         width=RIGHT - x - 0.34)  # fmt: skip


def _flow(life: Life) -> list[list[tuple[str, str]]]:
    """Return the numbered events of a life as lines that fit."""
    rows: list[list[tuple[str, str]]] = [[]]
    x = LEFT + 0.05
    told = [style.drawable(one_line(event_words(event), 60)) for event in life.events[:SHOWN]]
    shown = [(str(number), words) for number, words in enumerate(told, 1)]
    if len(life.events) > SHOWN:
        shown.append(("", _said("timeline.more", count=len(life.events) - SHOWN)))
    for number, words in shown:
        wide = measure(number, 7.5) + 0.05 + measure(words, 8.5) + 0.16
        if x + wide > RIGHT and rows[-1]:
            rows.append([])
            x = LEFT + 0.05
        rows[-1].append((number, words))
        x += wide
    return rows


def _apart(wanted: list[float], step: float) -> list[float]:
    """Return places at least ``step`` apart, near the wanted ones, within the axis."""
    placed: list[float] = []
    for x in wanted:
        placed.append(max(x, placed[-1] + step) if placed else max(x, START))
    limit = END + 0.05
    for i in range(len(placed) - 1, -1, -1):
        placed[i] = min(placed[i], limit)
        limit = placed[i] - step
    return placed
