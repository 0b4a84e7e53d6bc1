"""A container and a virtual machine with the same files, side by side: layers and numbers."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..machines.model import Beside, Half
from ..messages import text
from . import style
from .beside_words import beside_words, how, memory, seconds_of
from .canvas import Canvas
from .drawing import Drawing
from .rows import human, one_line
from .style import BASE, CHANGED, CONFIG, GREY, INK, LAYER, SHARED, WRITABLE, Look

__all__ = ["beside"]

WIDTH, LEFT, NAMES = 8.6, 0.3, 1.35
GAP = 0.25
COLUMN = (WIDTH - 2 * LEFT - NAMES - GAP) / 2
PLACES = (LEFT + NAMES, LEFT + NAMES + COLUMN + GAP)  # of the container, of the machine
LEVEL = 0.4  # height of a layer
ROW = 0.34


def beside(data: Beside) -> Drawing:
    """Draw the layers of a container and of a virtual machine, and what was measured of each.

    Parameters
    ----------
    data: what `helpers.machines.Pair.measure` returned. The picture holds the numbers of that
        measurement; its words tell what holds on every computer, and each number in a form that
        ``sanitize.cfg`` knows.
    """
    image = one_line(data.image, 60)
    key = "title" if data.shares_kernel else "title_apart"
    title = text(f"machines.beside.{key}", image=image)
    with style.look():
        figure = _draw(data)
    return Drawing(figure, title, beside_words(title, data))


def _label(key: str, **values: object) -> str:
    return style.drawable(text(f"machines.beside.{key}", **values))


def _draw(data: Beside) -> Figure:
    rows = _rows(data)
    canvas = Canvas(WIDTH, 0.75 + 6 * LEVEL + 0.35 + ROW * len(rows) + 0.45)
    top = canvas.height
    canvas.write(
        LEFT, top - 0.22, _label("headline", image=one_line(data.image, 40)), size=12,
        width=WIDTH - 2 * LEFT,
    )  # fmt: skip
    machine = "machine_recorded" if data.recorded else "machine"
    for x, key in zip(PLACES, ("container", machine), strict=True):
        canvas.write(x, top - 0.55, _label(key, date=data.recorded), size=10.5, width=COLUMN)
    ground = top - 0.75 - 6 * LEVEL
    _stacks(canvas, data, ground)
    y = ground - 0.35
    for name, *cells in rows:
        canvas.write(LEFT, y, name, size=9, colour=GREY, width=NAMES - 0.1)
        for x, (value, note) in zip(PLACES, cells, strict=True):
            used = canvas.write(x, y, value, size=9, width=COLUMN) + 0.1
            if note:
                canvas.write(x + used, y, note, size=8, colour=GREY, width=COLUMN - used)
        canvas.line((LEFT, WIDTH - LEFT), (y - ROW / 2, y - ROW / 2), colour=style.FAINT, width=0.6)
        y -= ROW
    for line in how(data):
        canvas.write(LEFT, y, style.drawable(line), size=8.5, width=WIDTH - 2 * LEFT)
        y -= 0.2
    return canvas.figure


def _stacks(canvas: Canvas, data: Beside, ground: float) -> None:
    full = (PLACES[0], 2 * COLUMN + GAP)
    release = one_line(data.host[0], 40)
    _layer(canvas, *full, ground, _label("hardware"), BASE)
    _layer(canvas, *full, ground + LEVEL, _label("host_kernel", release=release), SHARED)
    canvas.write(LEFT, ground + LEVEL, _label("common"), size=9, colour=GREY, width=NAMES - 0.1)
    files = _label("userland", image=one_line(data.image, 40))
    processes = _label("processes")
    x, y = PLACES[0], ground + 2 * LEVEL
    canvas.box(x, y + 0.03, COLUMN, 2 * LEVEL + 0.2, edge=WRITABLE.colour, dashed=True, line=1.6)
    _layer(canvas, x + 0.08, COLUMN - 0.16, y + 0.08, files, LAYER)
    _layer(canvas, x + 0.08, COLUMN - 0.16, y + 0.08 + LEVEL, processes, CHANGED)
    canvas.write(
        x + 0.02, y + 2 * LEVEL + 0.37, _label("frame"), size=8, colour=WRITABLE.colour,
        width=COLUMN,
    )  # fmt: skip
    x = PLACES[1]
    own = _label("own_kernel", release=one_line(data.machine.release, 40))
    _layer(canvas, x, COLUMN, y, _label(f"qemu_{_runs(data)}", name=data.board.accelerator), CONFIG)
    _layer(canvas, x, COLUMN, y + LEVEL, own, WRITABLE)
    _layer(canvas, x, COLUMN, y + 2 * LEVEL, files, LAYER)
    _layer(canvas, x, COLUMN, y + 3 * LEVEL, processes, CHANGED)


def _runs(data: Beside) -> str:
    return "emulates" if data.board.emulated else "runs"


def _layer(canvas: Canvas, x: float, width: float, y: float, words: str, look: Look) -> None:
    canvas.box(x, y + 0.03, width, LEVEL - 0.06, face=look.fill, edge=look.colour)
    canvas.write(
        x + width / 2, y + LEVEL / 2, words, size=9, colour=INK, align="center", width=width - 0.15
    )


def _rows(data: Beside) -> list[tuple]:
    box, guest = data.container, data.machine
    emulated = _label("emulated") if data.board.emulated else ""
    kernels = ("same", "own") if data.shares_kernel else ("apart", "own")
    return [
        (_label("time"), (seconds_of(box), ""), (seconds_of(guest), emulated)),
        (_label("memory"), _memory(box, "box"), _memory(guest, "guest")),
        (
            _label("disk"),
            (human(box.image), _label("disk_box")),
            (human(guest.kernel + guest.image), _label("disk_guest", kernel=human(guest.kernel))),
        ),
        (
            _label("kernel"),
            (one_line(box.release, 30), _label(f"kernel_{kernels[0]}")),
            (one_line(guest.release, 30), _label(f"kernel_{kernels[1]}")),
        ),
        (_label("seen"), (_seen(box), ""), (_seen(guest), _label("seen_guest"))),
    ]


def _memory(half: Half, kind: str) -> tuple[str, str]:
    if half.memory is None:
        return _label("unknown"), ""
    if half.helper:
        return memory(half), _label("memory_shim", size=human(half.helper))
    return memory(half), _label(f"memory_{kind}")


def _seen(half: Half) -> str:
    return style.drawable(one_line(", ".join(half.seen), 60)) or _label("unknown")
