"""Start times as they scatter: every start a point, the first of each kind told apart."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from matplotlib.figure import Figure

from ..machines.model import Start, Starts
from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .style import BLAME, FAINT, GREY, INK, LAYER, PAPER, SHARED, WRITABLE, Look

__all__ = ["distribution"]

WIDTH, LEFT = 8.6, 0.3
START, END = 2.15, 6.5  # inches of the scale
ROW = 0.95
# inches up and down, so that points lie side by side; the middle is for the first start
SHIFTS = (0.14, -0.14, 0.22, -0.22, 0.3, -0.3)
LOOKS: dict[str, Look] = {"process": SHARED, "container": LAYER, "machine": WRITABLE}


def distribution(data: Starts) -> Drawing:
    """Draw the time of every start on one scale of powers of ten, with the median of each kind.

    Parameters
    ----------
    data: what `helpers.machines.start_times` returned.
    """
    fastest = min(data.rows, key=lambda row: statistics.median(row.later or row.seconds))
    title = text("machines.distribution.title", fastest=_kind(fastest))
    with style.look():
        figure = _draw(data)
    return Drawing(figure, title, _words(title, data))


def _kind(row: Start) -> str:
    return text(f"machines.distribution.{row.kind}")


def _label(key: str, **values: object) -> str:
    return style.drawable(text(f"machines.distribution.{key}", **values))


def duration(seconds: float) -> str:
    """Return ``0.8 ms``, ``320 ms`` or ``2.4 s``."""
    if seconds < 0.9995:
        digits = 1 if seconds < 0.00995 else 0
        return text("machines.distribution.ms", value=f"{seconds * 1000:.{digits}f}")
    return text("machines.distribution.s", value=f"{seconds:.1f}")


def _powers(rows: Sequence[Start]) -> tuple[int, int]:
    every = [seconds for row in rows for seconds in row.seconds]
    low = math.floor(math.log10(max(min(every), 1e-6)))
    high = math.ceil(math.log10(max(max(every), 1e-6)))
    return low, max(high, low + 1)


def _draw(data: Starts) -> Figure:
    notes = _notes(data)
    height = 0.85 + ROW * len(data.rows) + 0.75 + 0.2 * len(notes)
    canvas = Canvas(WIDTH, height)
    canvas.write(LEFT, height - 0.22, _label("headline"), size=12, width=WIDTH - 2 * LEFT)
    canvas.write(LEFT, height - 0.48, _label("scale"), size=9, colour=GREY, width=WIDTH - 2 * LEFT)
    low, high = _powers(data.rows)

    def place(seconds: float) -> float:
        share = (math.log10(max(seconds, 1e-6)) - low) / (high - low)
        return START + share * (END - START)

    top = height - 0.85
    bottom = top - ROW * len(data.rows)
    for power in range(low, high + 1):
        x = place(10.0**power)
        canvas.line((x, x), (bottom, top + 0.05), colour=FAINT, width=0.7)
        tick = style.drawable(_tick(power))
        canvas.write(x, bottom - 0.16, tick, size=8.5, colour=GREY, align="center")
    for number, row in enumerate(data.rows):
        _row(canvas, row, top - ROW * (number + 0.5), place)
    y = bottom - 0.45
    _legend(canvas, y)
    y -= 0.06
    for note in notes:
        y -= 0.2
        canvas.write(LEFT, y, style.drawable(note), size=8.5, width=WIDTH - 2 * LEFT)
    return canvas.figure


def _tick(power: int) -> str:
    if power < -3:
        return text("machines.distribution.ms", value=f"{10.0 ** (power + 3):g}")
    unit, shown = ("ms", power + 3) if power < 0 else ("s", power)
    return text(f"machines.distribution.{unit}", value=f"{10**shown}")


def _row(canvas: Canvas, row: Start, y: float, place) -> None:
    look = LOOKS[row.kind]
    canvas.write(LEFT, y + 0.12, style.drawable(_kind(row)), size=10, width=START - LEFT - 0.15)
    counted = _label("starts", count=len(row.seconds))
    canvas.write(LEFT, y - 0.1, counted, size=8.5, colour=GREY, width=START - LEFT - 0.15)
    canvas.line((START, END), (y, y), colour=FAINT, width=0.6)
    for number, seconds in enumerate(row.later):
        at = y + SHIFTS[number % len(SHIFTS)]
        canvas.axes.plot(
            [place(seconds)], [at], marker="o", markersize=5.5, linestyle="none",
            markerfacecolor=look.colour, markeredgecolor=PAPER, markeredgewidth=0.6, zorder=3,
        )  # fmt: skip
    _first(canvas, place(row.first), y)
    if row.later:
        middle = place(statistics.median(row.later))
        canvas.line((middle, middle), (y - 0.34, y + 0.34), colour=INK, width=2.0)
    spread = row.later or row.seconds
    x = END + 0.15
    median = _label("median", value=duration(statistics.median(spread)))
    canvas.write(x, y + 0.12, median, size=9, width=WIDTH - x - 0.05)
    between = _label("between", low=duration(min(spread)), high=duration(max(spread)))
    canvas.write(x, y - 0.1, between, size=8.5, colour=GREY, width=WIDTH - x - 0.05)


def _first(canvas: Canvas, x: float, y: float) -> None:
    canvas.axes.plot(
        [x], [y], marker="D", markersize=7, linestyle="none", markerfacecolor=PAPER,
        markeredgecolor=BLAME.colour, markeredgewidth=1.6, zorder=4,
    )  # fmt: skip


def _legend(canvas: Canvas, y: float) -> None:
    x = LEFT + 0.08
    _first(canvas, x, y)
    x += 0.14 + canvas.write(x + 0.14, y, _label("first"), size=8.5) + 0.3
    canvas.axes.plot([x], [y], marker="o", markersize=5.5, color=GREY, linestyle="none")
    x += 0.14 + canvas.write(x + 0.14, y, _label("later"), size=8.5) + 0.3
    canvas.line((x, x), (y - 0.09, y + 0.09), colour=INK, width=2.0)
    canvas.write(x + 0.12, y, _label("bar"), size=8.5)


def _notes(data: Starts) -> list[str]:
    notes = []
    for row in data.rows:
        if row.board and row.board.emulated:
            notes.append(text("machines.distribution.emulated", accelerator=row.board.accelerator))
        elif row.board:
            notes.append(text("machines.distribution.hardware", accelerator=row.board.accelerator))
        if row.recorded:
            notes.append(text("machines.distribution.recorded", date=row.recorded))
    if data.remote:
        notes.append(text("machines.distribution.remote"))
    return notes


def _words(title: str, data: Starts) -> str:
    lines = [title]
    for row in data.rows:
        spread = row.later or row.seconds
        lines.append(
            text(
                "machines.distribution.line",
                kind=_kind(row),
                count=len(row.seconds),
                first=duration(row.first),
                median=duration(statistics.median(spread)),
                low=duration(min(spread)),
                high=duration(max(spread)),
            )
        )
    lines.append(text("machines.distribution.how", how=" ".join(_notes(data)) or "–"))
    return "\n".join(lines)
