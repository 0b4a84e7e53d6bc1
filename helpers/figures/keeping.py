"""Where a container can write, and what each place keeps: a table of what was tried."""

from __future__ import annotations

from typing import Protocol

from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .style import BLAME, FAINT, GREY, HIT
from .wrapping import wrapped

WIDTH, LEFT = 8.6, 0.3
NAMES = 3.2  # inches for what a place is
ROW = 0.52
HEAD = 0.62
COLUMNS = ("restarted", "shared", "replaced", "left")


class Kept(Protocol):
    """One place to write to; `helpers.volumes.compare` returns such objects."""

    kind: str
    target: str
    restarted: bool
    replaced: bool
    shared: bool
    left: bool


class Keeping(Protocol):
    """What `helpers.volumes.compare` returns."""

    kept: tuple[Kept, ...]


def keeping(found: Keeping) -> Drawing:
    """Draw what became of a file in each place that a container can write to.

    Parameters
    ----------
    found: what `helpers.volumes.compare` tried out.
    """
    rows = list(found.kept)
    kept = [_name(row) for row in rows if row.replaced]
    names = text("volumes.keeping.comma").join(kept)
    title = text(f"volumes.keeping.{'title' if kept else 'title_none'}", names=names)
    with style.look():
        figure = _draw(rows)
    return Drawing(figure, title, _words(title, rows))


def _name(row: Kept) -> str:
    return text(f"volumes.keeping.{row.kind}")


def _draw(rows: list[Kept]):
    canvas = Canvas(WIDTH, 0.55 + HEAD + ROW * len(rows) + 0.25)
    canvas.write(LEFT, canvas.height - 0.22, _label("keeping.headline"), size=12)
    top = canvas.height - 0.5
    width = (WIDTH - 2 * LEFT - NAMES) / len(COLUMNS)
    for place, column in enumerate(COLUMNS):
        x = LEFT + NAMES + width * (place + 0.5)
        lines = wrapped(_label(f"keeping.head.{column}"), width - 0.16, 8.5, most=3)
        for number, line in enumerate(lines):
            y = top - HEAD / 2 + 0.17 * ((len(lines) - 1) / 2 - number)
            canvas.write(x, y, line, size=8.5, colour=GREY, align="center")
    y = top - HEAD
    for row in rows:
        canvas.line((LEFT, WIDTH - LEFT), (y, y), colour=FAINT, width=0.8)
        canvas.write(LEFT, y - 0.17, style.drawable(_name(row)), size=10, width=NAMES - 0.1)
        where = _label(f"keeping.where.{row.kind}")
        canvas.write(LEFT, y - 0.37, where, size=8.5, colour=GREY, width=NAMES - 0.1)
        for place, column in enumerate(COLUMNS):
            x = LEFT + NAMES + width * (place + 0.5)
            _cell(canvas, x, y - ROW / 2, width, _said(row, column))
        y -= ROW
    canvas.line((LEFT, WIDTH - LEFT), (y, y), colour=FAINT, width=0.8)
    return canvas.figure


def _said(row: Kept, column: str) -> tuple[bool, str]:
    there = bool(getattr(row, column))
    return there, f"keeping.cell.{column}_{'yes' if there else 'no'}"


def _cell(canvas: Canvas, x: float, y: float, width: float, said: tuple[bool, str]) -> None:
    there, key = said
    look = HIT if there else BLAME
    box = width - 0.14
    canvas.box(x - box / 2, y - 0.17, box, 0.34, face=look.fill, edge=look.colour, line=0.8,
               round_=0.05)  # fmt: skip
    canvas.write(x, y, f"{look.symbol} {_label(key)}", size=8.5, colour=look.colour,
                 align="center", width=box - 0.06)  # fmt: skip


def _words(title: str, rows: list[Kept]) -> str:
    lines = [title]
    for row in rows:
        where = text(f"volumes.keeping.where.{row.kind}")
        lines.append("  " + text("volumes.keeping.row", name=_name(row), where=where))
        for column in COLUMNS:
            there, key = _said(row, column)
            symbol = (HIT if there else BLAME).symbol
            head = text(f"volumes.keeping.head.{column}")
            cell = f"{symbol} {text(f'volumes.{key}')}"
            lines.append("    " + text("volumes.keeping.answer", question=head, answer=cell))
    return "\n".join(lines)


def _label(key: str, **values: object) -> str:
    return style.drawable(text(f"volumes.{key}", **values))
