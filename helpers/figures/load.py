"""Requests and their answers over time; below them how many replicas ran, and how much was used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..healing.model import Load, Second
from . import style
from .axis import Axis
from .canvas import Canvas
from .desired import CURRENT, GAPS, LINE, SURPLUS
from .drawing import Drawing
from .load_words import load_words, title_of, versions_of
from .orchestra import LEFT, RIGHT, STATES, WIDTH, key, label, short
from .story_band import VERSIONS
from .style import FAILED, FAINT, GREY, INK, LAYER, WASTE, Look

__all__ = ["load"]

START, END = LEFT + 0.85, RIGHT - 0.1  # of the axis of seconds
TALL = {"requests": 1.35, "replicas": 0.9, "usage": 0.9}  # inches of a panel
SPACE, NAME = 0.12, 0.24  # inches between two panels; of a panel's name
NARROWEST, MOST = 1.0, 60  # seconds of a bar; bars
ANSWERED = STATES["running"]
LOST = Look(FAILED.colour, FAILED.fill, hatch="xxxx")


@dataclass(frozen=True)
class Bin:
    """Requests a second from one moment on for ``wide`` seconds, by who answered."""

    start: float
    wide: float
    answered: tuple[tuple[str, float], ...]
    failed: float

    @property
    def height(self) -> float:
        return sum(rate for _, rate in self.answered) + self.failed


def load(found: Load) -> Drawing:
    """Draw requests per second and what became of them, with replicas and usage if they are known.

    Parameters
    ----------
    found: as `helpers.healing.update`, `autoscale` and their kin return it.

    A bar is at least a second wide. What was not answered stands on top of each bar, hatched.
    The words say whether all was answered, who answered first and last, and which way the number of
    replicas went; no numbers that time decides.
    """
    title = title_of(found)
    with style.look():
        figure = _Load(found).draw()
    return Drawing(figure, title, load_words(title, found))


def bins(found: Load) -> list[Bin]:
    """Return the slices of a load joined to bars that can be seen."""
    slice_ = found.slice if found.slice > 0 else NARROWEST
    join = max(1, -(-NARROWEST // slice_), -(-len(found.over) // MOST))
    made = []
    for place in range(0, len(found.over), int(join)):
        part = found.over[place : place + int(join)]
        wide = len(part) * slice_
        by: Counter[str] = Counter()
        for second in part:
            by.update(dict(second.versions))
            by[""] += max(0, second.answered - sum(n for _, n in second.versions))
        answered = tuple((name, count / wide) for name, count in by.items() if count)
        made.append(Bin(part[0].seconds, wide, answered, sum(s.failed for s in part) / wide))
    return made


class _Load:
    """The places of everything in the picture, from the top down."""

    def __init__(self, found: Load) -> None:
        self.found = found
        self.bins, self.versions = bins(found), versions_of(found)
        self.panels = ["requests"]
        if any(s.replicas is not None or s.desired is not None for s in found.over):
            self.panels.append("replicas")
        if any(s.usage is not None for s in found.over):
            self.panels.append("usage")
        body = sum(TALL[panel] + NAME + SPACE for panel in self.panels)
        self.canvas = Canvas(WIDTH, 0.68 + body + 0.42 + 0.3)
        last = max((one.start + one.wide for one in self.bins), default=1.0)
        self.axis = Axis(self.canvas, START, END, last)

    def draw(self) -> Figure:
        canvas, found = self.canvas, self.found
        canvas.write(LEFT, canvas.height - 0.22, title_of(found), size=12)
        counts = label("load.counts", sent=found.sent, answered=found.answered, failed=found.failed)
        canvas.write(LEFT, canvas.height - 0.47, counts, size=9.5, colour=GREY)
        y = canvas.height - 0.68
        drawers = {
            "requests": self._requests,
            "replicas": self._replicas,
            "usage": self._usage,
        }
        for panel in self.panels:
            y -= NAME + TALL[panel]
            drawers[panel](y, TALL[panel])
            y -= SPACE
        self.axis.draw(y + SPACE - 0.06, label("story.axis"))
        key(canvas, 0.17, self._legend())
        return canvas.figure

    def _frame(
        self, foot: float, tall: float, words: str, most: float, show: Callable[[float], str]
    ) -> Callable[[float], float]:
        """Draw grid and numbers of a panel; return where a value of it lies."""
        canvas, axis = self.canvas, self.axis
        axis.grid(foot, foot + tall)
        whole = show is str_of
        ticks = MaxNLocator(3, steps=[1, 2, 2.5, 5, 10], integer=whole).tick_values(0, most or 1)
        ticks = [float(tick) for tick in ticks if tick >= 0]
        top = max(ticks[-1], most or 1)

        def at(value: float) -> float:
            return foot + (tall - 0.04) * min(value, top) / top

        for tick in ticks:
            canvas.axes.plot((axis.start, axis.end), (at(tick), at(tick)), color=FAINT,
                             linewidth=0.6, zorder=0.5)  # fmt: skip
            canvas.write(axis.start - 0.08, at(tick), show(tick), size=8, colour=GREY,
                         align="right")  # fmt: skip
        canvas.line((axis.start, axis.end), (foot, foot), colour=GREY, width=0.8)
        canvas.write(axis.start, foot + tall + 0.11, words, size=9, colour=INK)
        return at

    def _requests(self, foot: float, tall: float) -> None:
        most = max((one.height for one in self.bins), default=0.0)
        at = self._frame(foot, tall, label("load.requests"), most, str_of)
        for one in self.bins:
            left, right = self.axis.at(one.start), self.axis.at(one.start + one.wide)
            inset = min(0.02, (right - left) * 0.12)
            low = 0.0
            parts = [(self._look(name), rate) for name, rate in sorted(
                one.answered, key=lambda pair: self._order(pair[0]))]  # fmt: skip
            for look, rate in [*parts, (LOST, one.failed)]:
                if rate:
                    self.canvas.box(left + inset, at(low), right - left - 2 * inset,
                                    at(low + rate) - at(low), face=look.fill, edge=look.colour,
                                    hatch=look.hatch, line=0.8)  # fmt: skip
                low += rate

    def _order(self, version: str) -> int:
        return self.versions.index(version) if version in self.versions else -1

    def _look(self, version: str) -> Look:
        if version not in self.versions:
            return ANSWERED
        return VERSIONS[self.versions.index(version) % len(VERSIONS)]

    def _known(self, value: Callable[[Second], float | None]) -> list[tuple[float, float]]:
        """Return the moments at which something was known; what is unknown stays as it was."""
        return [(s.seconds, v) for s in self.found.over if (v := value(s)) is not None]

    def _replicas(self, foot: float, tall: float) -> None:
        ran, asked = self._known(lambda s: s.replicas), self._known(lambda s: s.desired)
        most = max(value for _, value in [*ran, *asked])
        at = self._frame(foot, tall, label("load.replicas"), most, str_of)
        times = sorted({second for second, _ in [*ran, *asked]})
        pairs = [(t, _last(ran, t), _last(asked, t)) for t in times]
        self.axis.area([(t, at(0), at(min(r, d) if asked else r)) for t, r, d in pairs], CURRENT)
        self.axis.area([(t, at(r), at(d)) for t, r, d in pairs], GAPS)
        if asked:
            self.axis.area([(t, at(d), at(r)) for t, r, d in pairs], SURPLUS)
        if ran:
            self.axis.line([(t, at(r)) for t, r, _ in pairs], CURRENT.colour, linewidth=1.0)
        if asked:
            self.axis.line([(t, at(d)) for t, _, d in pairs], INK, linewidth=2.2)

    def _usage(self, foot: float, tall: float) -> None:
        points = self._known(lambda s: s.usage)
        target = self.found.target
        most = max([value for _, value in points] + ([target] if target is not None else []))
        unit = self.found.unit
        words = label(f"load.usage_{unit}" if unit in ("cpu", "requests") else "load.usage")
        at = self._frame(foot, tall, words, most, percent if unit == "cpu" else number)
        if target is not None:
            self.canvas.axes.plot((self.axis.start, self.axis.end), (at(target), at(target)),
                                  color=WASTE.colour, linewidth=1.6, linestyle=(0, (6, 2)),
                                  zorder=2)  # fmt: skip
        xs = [self.axis.at(second) for second, _ in points]
        self.canvas.axes.plot(xs, [at(value) for _, value in points], color=LAYER.colour,
                              linewidth=1.5, marker="o", markersize=3, zorder=3)  # fmt: skip

    def _legend(self) -> list[tuple[Look, str, bool]]:
        items = [(self._look(name), label("load.answered_by", version=short(name)[:20]), False)
                 for name in self.versions[:3]]  # fmt: skip
        if not items:
            items.append((ANSWERED, label("load.answered"), False))
        if any(one.failed for one in self.bins):
            items.append((LOST, label("load.failed"), False))
        if "replicas" in self.panels:
            items.append((LINE, label("desired.line"), False))
            items.append((CURRENT, label("desired.running"), False))
            if any((s.desired or 0) > (s.replicas or 0) for s in self.found.over):
                items.append((GAPS, label("desired.gap"), False))
            if any(s.desired is not None and (s.replicas or 0) > s.desired
                   for s in self.found.over):  # fmt: skip
                items.append((SURPLUS, label("desired.surplus"), False))
        if "usage" in self.panels and self.found.target is not None:
            items.append((Look(WASTE.colour, WASTE.fill, symbol="—"), label("load.target"), True))
        return items


def str_of(value: float) -> str:
    """Return a whole number."""
    return f"{value:g}"


def number(value: float) -> str:
    """Return a number as short as it can be."""
    return f"{value:g}"


def percent(value: float) -> str:
    """Return a share as ``50 %``."""
    return f"{value * 100:g} %"


def _last(points: list[tuple[float, float]], moment: float) -> float:
    """Return what was known last at a moment; 0 before anything was."""
    return next((value for second, value in reversed(points) if second <= moment), 0.0)
