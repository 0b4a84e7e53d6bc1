"""CPU time and memory of containers over time, each with its limit."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..containers.limits import binary
from ..containers.usage import Usage
from ..messages import text
from . import style
from .cache_strip import LEFT, RIGHT, WIDTH
from .canvas import Canvas
from .drawing import Drawing
from .rows import one_line
from .style import FAINT, GREY, LAYER, SHARED, WRITABLE

MIB = 1 << 20
MOST = 3  # containers in one picture
# Colour, line and marker of each, so that any one tells them apart.
LINES = ((LAYER.colour, "-", "o"), (WRITABLE.colour, "--", "s"), (SHARED.colour, ":", "^"))
HEIGHT = 1.75  # inches of a panel
ROOM = 1.25  # how much higher than its highest point a panel is


def usage(*found: Usage) -> Drawing:
    """Draw what containers used: CPU time above, memory below, with their limits.

    Parameters
    ----------
    found: one to three, as `helpers.containers.usage` returns them; their times begin together.

    The words hold how each stands to its limits, not the measured values.
    """
    found = found[:MOST]
    title = _title(found)
    with style.look():
        figure = _draw(found)
    lines = [title]
    for one in found:
        _, *rest = str(one).splitlines()
        lines += [] if len(found) == 1 else [f"  {text('containers.usage.of', name=one.name)}"]
        lines += rest if len(found) == 1 else [f"  {line}" for line in rest]
    return Drawing(figure, title, "\n".join(lines))


def _title(found: tuple[Usage, ...]) -> str:
    if len(found) == 1:
        return text("containers.usage.title", name=one_line(found[0].name, 60))
    return text("containers.usage.titles", count=len(found))


def _said(key: str, **values: object) -> str:
    return style.drawable(text(f"containers.usage.{key}", **values))


def _draw(found: tuple[Usage, ...]) -> Figure:
    legend = 0.2 * len(found)
    canvas = Canvas(WIDTH, 0.45 + 2 * (HEIGHT + legend + 0.25) + 0.28)
    canvas.write(LEFT, canvas.height - 0.22, style.drawable(_title(found)), size=12,
                 width=RIGHT - LEFT)  # fmt: skip
    last = max((one.seconds for one in found), default=0.0) or 1.0
    y = canvas.height - 0.45
    for kind in ("cpu", "memory"):
        for number, one in enumerate(found):
            y -= 0.2
            _key(canvas, y + 0.06, number, _fact(one, kind))
        y -= HEIGHT
        axes = canvas.figure.add_axes(
            ((LEFT + 0.45) / WIDTH, y / canvas.height, (RIGHT - LEFT - 0.45) / WIDTH,
             (HEIGHT - 0.1) / canvas.height)
        )  # fmt: skip
        _panel(axes, found, kind, last)
        canvas.write(LEFT, y + HEIGHT / 2, _said(f"{kind}_axis"), size=8.5, colour=GREY,
                     align="center", rotation=90)  # fmt: skip
        y -= 0.25
    canvas.write((LEFT + 0.45 + RIGHT) / 2, 0.14, _said("time_axis"), size=8.5, colour=GREY,
                 align="center")  # fmt: skip
    return canvas.figure


def _key(canvas: Canvas, y: float, number: int, words: str) -> None:
    colour, line, marker = LINES[number]
    x = LEFT + 0.45
    canvas.axes.plot((x, x + 0.18, x + 0.36), (y, y, y), color=colour, linestyle=line,
                     marker=marker, markevery=(1, 5), markersize=3.5, linewidth=1.5)  # fmt: skip
    canvas.write(x + 0.46, y, words, size=8.5, width=RIGHT - x - 0.5)


def _fact(one: Usage, kind: str) -> str:
    name = one_line(one.name, 60)
    if not one.samples:
        return f"{name}: {_said('nothing')}"
    if kind == "cpu":
        words = _said("average", name=name, share=f"{one.share:.2f}")
        limit = None if one.cpus is None else f"{one.cpus:g}"
    else:
        words = _said("peak", name=name, size=binary(one.peak))
        limit = None if one.memory is None else binary(one.memory)
    return words if limit is None else f"{words} ({_said('limit', limit=limit)})"


def _panel(axes: Axes, found: tuple[Usage, ...], kind: str, last: float) -> None:
    highest = 0.0
    for number, one in enumerate(found):
        colour, line, marker = LINES[number]
        points = _points(one, kind)
        limit = one.cpus if kind == "cpu" else one.memory and one.memory / MIB
        xs, ys = [x for x, _ in points], [y for _, y in points]
        axes.plot(xs, ys, color=colour, linestyle=line, marker=marker, markersize=3.5,
                  linewidth=1.5, clip_on=False, zorder=3)  # fmt: skip
        highest = max([highest, limit or 0.0, *ys])
        if limit:
            axes.axhspan(limit, 1e9, facecolor=colour, alpha=0.08, zorder=0.4)
            axes.axhline(limit, color=colour, linewidth=1.0, linestyle=(0, (6, 2, 1, 2)), zorder=1)
    axes.set(xlim=(0, last), ylim=(0, (highest or 1.0) * ROOM))
    axes.set_facecolor("none")
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GREY)
    axes.tick_params(labelsize=8, colors=GREY, length=3)
    axes.set_xticks(_ticks(8, last))
    axes.set_yticks(_ticks(4, (highest or 1.0) * ROOM))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")


def _ticks(count: int, last: float) -> list[float]:
    """Return round numbers from 0 to ``last``."""
    found = MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(0, last)
    return [float(tick) for tick in found if 0 <= tick <= last]


def _points(one: Usage, kind: str) -> list[tuple[float, float]]:
    if kind == "cpu":
        pairs = one.shares
    else:
        pairs = tuple((sample.seconds, sample.memory / MIB) for sample in one.samples)
    return [(x, y) for x, y in pairs if math.isfinite(y)]
