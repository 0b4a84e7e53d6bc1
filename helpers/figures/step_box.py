"""A step of a build as a box, and the legend of the roles."""

from __future__ import annotations

from collections.abc import Iterable

from . import style
from .canvas import Canvas, measure
from .marks import LOOKS, Mark
from .style import FAINT, GREY, PAPER, label
from .wrapping import wrapped

BAND = 0.1  # inches of the hatched band at the top of a box
LINE = 0.145  # from one line of the instruction to the next
SMALL = 7.5


def height(lines: int) -> float:
    """Return how tall a box with so many lines of instruction is."""
    return BAND + 0.25 + LINE * lines + 0.24


def draw(canvas: Canvas, x: float, y: float, width: float, mark: Mark, lines: int) -> None:
    """Draw a box with number, instruction and role; (``x``, ``y``) is its lower left corner."""
    look, tall = mark.look, height(lines)
    dashed = mark.role == "unreached"
    heavy = mark.shown in ("blame", "failed")
    canvas.box(x, y, width, tall, face=look.fill, edge=look.colour, dashed=dashed,
               line=2.2 if heavy else 1.2)  # fmt: skip
    if not dashed:
        band(canvas, x, y + tall - BAND, width, BAND, mark.shown)
    room = width - 0.14
    head = f"{mark.step.number} {mark.step.word}"
    top = y + tall - BAND
    canvas.write(x + 0.07, top - 0.14, head, size=9, width=room)
    for number, line in enumerate(wrapped(mark.rest, room, SMALL, mono=True, most=lines)):
        canvas.write(x + 0.07, top - 0.32 - LINE * number, line, size=SMALL, mono=True)
    role = f"{look.symbol} {label(f'role.{mark.shown}')}"
    canvas.write(x + 0.07, y + 0.12, role, size=8, colour=look.colour, width=room)


def band(canvas: Canvas, x: float, y: float, width: float, tall: float, role: str) -> None:
    """Draw the stretch of hatch that tells a role without its colour."""
    look = LOOKS[role]
    face = look.colour if not look.hatch else PAPER
    canvas.box(x, y, width, tall, face=face, edge=look.colour, hatch=look.hatch, line=0.8)


def ghost(canvas: Canvas, x: float, y: float, width: float, tall: float, words: str) -> None:
    """Draw the empty place of a step that this build does not have."""
    canvas.box(x, y, width, tall, face=PAPER, edge=FAINT, dashed=True)
    lines = wrapped(words, width - 0.14, 8, most=2)
    for number, line in enumerate(lines):
        middle = y + tall / 2 + 0.08 * (len(lines) - 1) - 0.16 * number
        canvas.write(x + width / 2, middle, line, size=8, colour=GREY, align="center")


def legend_height(roles: Iterable[str], width: float) -> float:
    """Return how tall the legend of these roles is."""
    return 0.2 * len(_legend_lines(roles, width))


def legend(canvas: Canvas, x: float, y: float, width: float, roles: Iterable[str]) -> None:
    """Explain the roles that occur, as many on a line as fit; ``y`` is the upper edge."""
    for number, line in enumerate(_legend_lines(roles, width)):
        at, middle = x, y - 0.1 - 0.2 * number
        for role, words in line:
            look = LOOKS[role]
            if role == "unreached":
                canvas.box(at, middle - 0.06, 0.28, 0.12, edge=look.colour, dashed=True, line=1)
            else:
                band(canvas, at, middle - 0.06, 0.28, 0.12, role)
            canvas.write(at + 0.36, middle, look.symbol, size=8.5, colour=look.colour)
            canvas.write(at + 0.54, middle, words, size=8.5, colour=GREY)
            at += _item_width(words)


def _item_width(words: str) -> float:
    return 0.54 + measure(words, 8.5) + 0.3


def _legend_lines(roles: Iterable[str], width: float) -> list[list[tuple[str, str]]]:
    present = set(roles)
    items = [(role, style.label(f"role_long.{role}")) for role in LOOKS if role in present]
    lines: list[list[tuple[str, str]]] = []
    for item in items:
        if lines and sum(_item_width(words) for _, words in [*lines[-1], item]) <= width:
            lines[-1].append(item)
        else:
            lines.append([item])
    return lines
