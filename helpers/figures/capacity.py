"""Servers that are needed month by month, against a number that was bought once."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .style import BLAME, FAINT, GREY, INK, LAYER, UNREACHED

__all__ = ["capacity"]

WIDTH, LEFT, RIGHT = 8.6, 0.75, 8.3
TALL = 2.3  # inches of the highest column


def capacity(needed: Sequence[int], bought: int) -> Drawing:
    """Draw what is needed in each month, what of it was bought, and what stands idle or is missing.

    Parameters
    ----------
    needed: servers, one number for each month; at least one.
    bought: servers that were bought at the beginning.

    Raises
    ------
    ValueError: no month, or a number below 0.
    """
    if not needed or min(*needed, bought, 0) < 0:
        raise ValueError("needed and bought are numbers of servers, from 0 up")
    _, idle, missing = _sums(needed, bought)
    title = text("primer.capacity.title", bought=bought, idle=idle, missing=missing,
                 rented=sum(needed))  # fmt: skip
    with style.look():
        figure = _draw(needed, bought)
    return Drawing(figure, title, _words(title, needed, bought))


def _draw(needed: Sequence[int], bought: int) -> Figure:
    canvas = Canvas(WIDTH, TALL + 1.5)
    canvas.write(0.3, canvas.height - 0.22, _label("capacity.headline"), size=12)
    foot, scale = 0.75, TALL / max(*needed, bought, 1)
    wide = (RIGHT - LEFT) / len(needed)
    for place, one in enumerate(needed):
        x, own = LEFT + wide * place + 0.06, min(one, bought)
        _column(canvas, x, foot, wide - 0.12, own * scale, LAYER.fill, LAYER.colour, "")
        top = foot + own * scale
        if one < bought:
            _column(canvas, x, top, wide - 0.12, (bought - one) * scale, UNREACHED.fill, FAINT,
                    "////")  # fmt: skip
        else:
            _column(canvas, x, top, wide - 0.12, (one - bought) * scale, BLAME.fill, BLAME.colour,
                    "xxxx")  # fmt: skip
        if len(needed) <= 24:
            canvas.write(x + wide / 2 - 0.06, foot - 0.14, str(one), size=9, align="center")
    line = foot + bought * scale
    canvas.line((LEFT, RIGHT), (line, line), colour=INK, width=1.6)
    canvas.write(LEFT - 0.08, line, _label("capacity.bought", count=bought), size=8.5,
                 align="right", width=LEFT - 0.1)  # fmt: skip
    canvas.write(LEFT - 0.08, foot - 0.14, _label("capacity.needed"), size=8.5, colour=GREY,
                 align="right", width=LEFT - 0.12)  # fmt: skip
    x, (used, idle, missing) = LEFT, _sums(needed, bought)
    for key, count, face, edge, hatch in (
        ("used", used, LAYER.fill, LAYER.colour, ""),
        ("idle", idle, UNREACHED.fill, FAINT, "////"),
        ("missing", missing, BLAME.fill, BLAME.colour, "xxxx"),
    ):  # fmt: skip
        canvas.box(x, 0.16, 0.24, 0.16, face=face, edge=edge, hatch=hatch, line=0.8)
        said = _label(f"capacity.{key}", count=count)
        x += 0.32 + canvas.write(x + 0.3, 0.24, said, size=9) + 0.35
    return canvas.figure


def _column(
    canvas: Canvas, x: float, y: float, wide: float, tall: float, face: str, edge: str, hatch: str
) -> None:
    if tall:
        canvas.box(x, y, wide, tall, face=face, edge=edge, hatch=hatch, line=0.8)


def _label(key: str, **values: object) -> str:
    return style.drawable(text(f"primer.{key}", **values))


def _sums(needed: Sequence[int], bought: int) -> tuple[int, int, int]:
    """Return server-months: bought and used, bought and idle, needed and missing."""
    used = sum(min(one, bought) for one in needed)
    return used, bought * len(needed) - used, sum(needed) - used


def _words(title: str, needed: Sequence[int], bought: int) -> str:
    lines = [title]
    for month, one in enumerate(needed, 1):
        key = "enough" if one == bought else "over" if one < bought else "under"
        lines.append("  " + text(f"primer.capacity.{key}", month=month, needed=one,
                                 difference=abs(one - bought)))  # fmt: skip
    return "\n".join(lines)
