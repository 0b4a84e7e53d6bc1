"""A sheet of paper measured in inches, for pictures that are diagrams and not plots."""

from __future__ import annotations

from functools import lru_cache

from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch, Polygon, Rectangle
from matplotlib.text import Text

from . import style
from .style import INK, PAPER

ELLIPSIS = "..."  # the font's own one sits in the middle of the line, as in Chinese


class Canvas:
    """Boxes, lines and text at places in inches; (0, 0) is the lower left corner.

    matplotlib lays out axes, not boxes of text, so the figures compute their places; what this
    class adds is text that knows its width and is cut with an ellipsis where it would not fit.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width, height))
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(0, height))
        self.axes.set_axis_off()

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        face: str = PAPER,
        edge: str = INK,
        hatch: str = "",
        line: float = 1.2,
        dashed: bool = False,
        round_: float = 0.0,
    ) -> None:
        """Draw a rectangle, with rounded corners of radius ``round_``."""
        looks = {
            "facecolor": face,
            "edgecolor": edge,
            "linewidth": line,
            "linestyle": (0, (4, 2.5)) if dashed else "solid",
        }
        if round_:
            patch = FancyBboxPatch(
                (x, y), width, height, boxstyle=f"round,pad=0,rounding_size={round_}", **looks
            )
        else:
            patch = Rectangle((x, y), width, height, **looks)
        if hatch:
            patch.set_hatch(hatch)
        self.axes.add_patch(patch)

    def slip(self, x: float, y: float, width: float, height: float, face: str, edge: str) -> None:
        """Draw a slip of paper: a rectangle with its upper right corner folded."""
        fold = min(0.14, height / 2)
        right, top = x + width, y + height
        outline = [(x, y), (right, y), (right, top - fold), (right - fold, top), (x, top)]
        corner = [(right - fold, top), (right - fold, top - fold), (right, top - fold)]
        self.axes.add_patch(Polygon(outline, facecolor=face, edgecolor=edge))
        self.axes.add_patch(Polygon(corner, facecolor=PAPER, edgecolor=edge))

    def line(
        self,
        xs: tuple[float, ...],
        ys: tuple[float, ...],
        *,
        colour: str = INK,
        width: float = 1.0,
        dashed: bool = False,
    ) -> None:
        """Draw a line through points."""
        kind = (0, (4, 2.5)) if dashed else "solid"
        self.axes.plot(xs, ys, color=colour, linewidth=width, linestyle=kind)

    def write(
        self,
        x: float,
        y: float,
        value: str,
        *,
        size: float = 9.5,
        colour: str = INK,
        align: str = "left",
        mono: bool = False,
        width: float | None = None,
        rotation: float = 0,
        foot: bool = False,
    ) -> float:
        """Write one line, its middle (or ``foot``) at height ``y``; return its width in inches.

        ``width`` is the room there is: what is longer is cut and ends in an ellipsis.
        """
        value = style.drawable(value)
        if width is not None:
            value = fit(value, width, size, mono)
        self.axes.text(
            x,
            y,
            value,
            fontsize=size,
            color=colour,
            ha=align,
            va="bottom" if foot else "center" if rotation else "center_baseline",
            family=style.families(mono),
            rotation=rotation,
        )
        return measure(value, size, mono)


def measure(value: str, size: float, mono: bool = False) -> float:
    """Return how wide a line of ``size`` points is, in inches."""
    return _measure(value, size, tuple(style.families(mono)))


@lru_cache(maxsize=10_000)
def _measure(value: str, size: float, families: tuple[str, ...]) -> float:
    if not value:
        return 0.0
    figure, renderer = _ruler()
    probe = Text(0, 0, value, fontproperties=FontProperties(family=list(families), size=size))
    probe.set_parse_math(False)
    probe.set_figure(figure)
    return probe.get_window_extent(renderer).width / figure.dpi


@lru_cache(maxsize=1)
def _ruler() -> tuple[Figure, RendererAgg]:
    figure = Figure(dpi=144)
    return figure, RendererAgg(10, 10, 144)


def fit(value: str, width: float, size: float, mono: bool = False) -> str:
    """Return ``value``, cut so that it is at most ``width`` inches wide."""
    value = value[:2000]
    if measure(value, size, mono) <= width:
        return value
    low, high = 0, len(value)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(value[:middle].rstrip() + ELLIPSIS, size, mono) <= width:
            low = middle
        else:
            high = middle - 1
    return value[:low].rstrip() + ELLIPSIS if low else ""
