"""A container from two sides: what it sees, and what the engine's host sees of the same."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from ..containers.inside import Process
from ..containers.outside import Beside
from ..messages import text
from . import style
from .cache_strip import LEFT, RIGHT, WIDTH
from .canvas import Canvas
from .drawing import Drawing
from .rows import one_line
from .side_words import ROWS, same, side_words, user_of
from .style import FAINT, GREY, LAYER, REMOVED, SHARED, WRITABLE

COLUMN, GUTTER = 3.62, 0.86  # inches
LINE, TITLE, HEAD = 0.2, 0.22, 0.42
MOST = 5  # processes and interfaces that are listed
HASH = 12  # characters of an ID that are shown


@dataclass(frozen=True)
class _Cell:
    """Lines as a program would write them, and below them lines in words."""

    lines: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def all(self) -> list[tuple[str, bool]]:
        return [(one, True) for one in self.lines] + [(one, False) for one in self.words]


def side_by_side(found: Beside) -> Drawing:
    """Draw what a container sees beside what the engine's host sees of the same.

    Parameters
    ----------
    found: as `helpers.containers.beside` returns it.

    Between the columns stands whether both see the same, and the namespace that decides it. The
    words hold relations, no process numbers.
    """
    title = text("containers.side.title", name=one_line(found.inside.name, 60))
    with style.look():
        figure = _draw(found)
    return Drawing(figure, title, side_words(title, found))


def _said(key: str, **values: object) -> str:
    return style.drawable(text(f"containers.side.{key}", **values))


def _draw(found: Beside) -> Figure:
    rows = {row: (_inside(found, row), _outside(found, row)) for row in ROWS}
    tall = {row: TITLE + LINE * max(len(a.all), len(b.all)) + 0.1 for row, (a, b) in
            rows.items()}  # fmt: skip
    body = sum(tall.values())
    canvas = Canvas(WIDTH, HEAD + body + 0.5 + 0.42)
    top = canvas.height - 0.42
    canvas.write(LEFT, canvas.height - 0.2, _said("title", name=one_line(found.inside.name, 60)),
                 size=12, width=RIGHT - LEFT)  # fmt: skip
    right = LEFT + COLUMN + GUTTER
    for x, look, head in ((LEFT, WRITABLE, _said("inside")), (right, LAYER, _host(found))):
        canvas.box(x, top - HEAD - body, COLUMN, HEAD + body, face="#ffffff", edge=look.colour)
        canvas.box(x, top - 0.32, COLUMN, 0.32, face=look.fill, edge=look.colour)
        canvas.write(x + 0.12, top - 0.16, head, size=10, width=COLUMN - 0.2)
    y = top - HEAD
    for row, (inner, outer) in rows.items():
        if row != "processes":
            for x in (LEFT, right):
                canvas.line((x + 0.1, x + COLUMN - 0.1), (y + 0.02, y + 0.02), colour=FAINT)
        for x, cell in ((LEFT, inner), (right, outer)):
            canvas.write(x + 0.12, y - 0.12, _said(row), size=8.5, colour=GREY)
            for number, (line, mono) in enumerate(cell.all):
                canvas.write(
                    x + 0.12, y - TITLE - LINE * (number + 0.5), line, size=8.5, mono=mono,
                    colour=style.INK if mono else GREY, width=COLUMN - 0.2,
                )  # fmt: skip
        _relation(canvas, found, row, LEFT + COLUMN + GUTTER / 2, y - tall[row] / 2 + 0.02)
        y -= tall[row]
    canvas.write(LEFT, 0.2, _said("legend"), size=8.5, colour=GREY, width=RIGHT - LEFT)
    return canvas.figure


def _host(found: Beside) -> str:
    return _said(f"host.{found.outside.where}")


def _relation(canvas: Canvas, found: Beside, row: str, x: float, y: float) -> None:
    relation = same(found, row)
    if relation is None:
        return
    look = SHARED if relation else REMOVED
    canvas.write(x, y + 0.08, "=" if relation else "≠", size=15, align="center", colour=look.colour)
    if kind := ROWS[row]:
        canvas.write(x, y - 0.13, _said("namespace", kind=kind), size=7.5, align="center",
                     colour=GREY, width=GUTTER - 0.04)  # fmt: skip


def _inside(found: Beside, row: str) -> _Cell:
    view = found.inside
    lines: tuple[str, ...]
    if row == "processes":
        lines = _listed(view.processes)
    elif row == "host_name":
        lines = (one_line(view.host_name, 80),)
    elif row == "files":
        lines = (_said("root", kind=view.root, count=view.mounts),)
    elif row == "network":
        lines = (_some(view.interfaces),)
    elif row == "user":
        lines = (user_of(found),)
    elif row == "kernel":
        lines = (one_line(view.kernel, 80),)
    else:
        return _Cell(words=tuple(style.drawable(one) for one in view.limits.told))
    return _Cell(lines)


def _outside(found: Beside, row: str) -> _Cell:
    view = found.outside
    unknown = _Cell(words=(_said("not_seen"),))
    if row == "processes":
        count = None if view.count is None else view.count - len(view.processes)
        return _Cell(_listed(view.processes), (_said("others", count=count),) if count else ())
    if row == "host_name":
        return _Cell((one_line(view.host_name, 80),))
    if row == "files":
        known = view.root is not None or view.mounts is not None
        return _Cell((_said("root", kind=view.root, count=view.mounts),)) if known else unknown
    if row == "network":
        return _Cell((_some(view.interfaces),)) if view.interfaces else unknown
    if row == "user":
        return unknown if view.uid is None else _Cell((_said("number", uid=view.uid),))
    if row == "kernel":
        return unknown if view.kernel is None else _Cell((one_line(view.kernel, 80),))
    if view.cgroup is None:
        return unknown
    return _Cell((_short(view.cgroup),))


def _listed(processes: tuple[Process, ...]) -> tuple[str, ...]:
    wide = max((len(str(process.pid)) for process in processes[:MOST]), default=1)
    lines = [f"{p.pid:>{wide}}  {one_line(p.command, 80)}" for p in processes[:MOST]]
    if len(processes) > MOST:
        lines.append(_said("more", count=len(processes) - MOST))
    return tuple(lines)


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(one_line(name, 20) for name in names[:MOST])
    return shown + (f", {_said('more', count=len(names) - MOST)}" if len(names) > MOST else "")


def _short(path: str) -> str:
    """Return a control group's path with the container's ID cut as `docker ps` cuts it."""
    folder, _, last = one_line(path, 200).rpartition("/")
    found = f"{folder}/{last}" if len(last) <= 2 * HASH else f"{folder}/{last[:HASH]}..."
    return found if len(found) <= 52 else f"...{found[-49:]}"
