"""Where the parts of Docker are on this machine: client, daemon, images, containers, registries."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from ..components.parts import Daemon, Parts
from ..messages import text
from . import style
from .canvas import Canvas
from .conversation_words import said
from .drawing import Drawing
from .rows import one_line
from .style import CONFIG, GREY, LAYER, SHARED, WRITABLE, Look

__all__ = ["parts"]

WIDTH, TOP, FOOT = 8.6, 0.5, 0.2
CLIENT, MACHINE, SHELF = (0.3, 2.1), (3.3, 3.3), (7.0, 1.3)  # left edge and width of each column
SHIMS = 3  # that are drawn
PLUGINS, SHELVES, CONTEXTS = 4, 3, 3
TALL = 3.7


def parts(found: Parts) -> Drawing:
    """Draw what `helpers.components.find` found, each part where it is.

    The picture shows versions, process numbers and counts of this moment; the words leave them out.
    """
    with style.look():
        figure = _draw(found)
    return Drawing(figure, said("parts.title"), _words(found))


def _label(key: str, **values: object) -> str:
    return style.drawable(said(f"parts.{key}", **values))


def _draw(found: Parts) -> Figure:
    canvas = Canvas(WIDTH, TOP + TALL + FOOT)
    canvas.write(0.3, canvas.height - 0.22, _label("headline"), size=12)
    foot, top = FOOT, FOOT + TALL
    _client(canvas, found, top)
    _machine(canvas, found, foot, top)
    _shelves(canvas, found, top)
    y = top - 0.75
    _link(canvas, CLIENT[0] + CLIENT[1], MACHINE[0] + 0.15, y, both=True)
    words = style.drawable(text(f"components.figure.parts.link.{found.link}"))
    middle = (CLIENT[0] + CLIENT[1] + MACHINE[0] + 0.15) / 2
    canvas.write(middle, y + 0.15, "HTTP", size=8.5, colour=GREY, align="center")
    canvas.write(middle, y - 0.15, words, size=8, colour=GREY, align="center")
    _link(canvas, MACHINE[0] + MACHINE[1] - 0.15, SHELF[0], y, both=True)
    if found.daemon.processes:
        canvas.write(CLIENT[0], FOOT + 0.1, _label("numbers"), size=8, colour=GREY, width=2.9)
    return canvas.figure


def _box(canvas: Canvas, x: float, y: float, width: float, height: float, look: Look,
         head: str, lines: list[tuple[str, bool]]) -> None:  # fmt: skip
    """Draw a box whose lower left corner is at (x, y), with a heading and lines of text."""
    canvas.box(x, y, width, height, face=look.fill, edge=look.colour, round_=0.05)
    at = y + height - 0.18
    canvas.write(x + 0.1, at, head, size=10, colour=look.colour, width=width - 0.2)
    for line, mono in lines:
        at -= 0.2
        canvas.write(x + 0.1, at, line, size=8, mono=mono, width=width - 0.2)


def _client(canvas: Canvas, found: Parts, top: float) -> None:
    lines: list[tuple[str, bool]] = []
    if found.client is None:
        lines.append((_label("no_client"), False))
    else:
        lines.append((f"docker {one_line(found.client.version, 20)}", True))
        for name, version in found.client.plugins[:PLUGINS]:
            lines.append((f"+ {one_line(name, 20)} {one_line(version, 20)}", True))
        for context in found.client.contexts[:CONTEXTS]:
            mark = "*" if context.current else " "
            lines.append((_label("context", name=f"{one_line(context.name, 30)}{mark}"), False))
    height = 0.42 + 0.2 * max(len(lines), 3)
    _box(canvas, CLIENT[0], top - max(height, 1.2), CLIENT[1], max(height, 1.2), LAYER,
         style.drawable(text("components.part.client")), lines)  # fmt: skip


def _machine(canvas: Canvas, found: Parts, foot: float, top: float) -> None:
    daemon = found.daemon
    x, width = MACHINE
    canvas.box(x, foot, width, top - foot, face=style.PAPER, edge=GREY, dashed=True, round_=0.05)
    place = style.drawable(text(f"components.place.{daemon.place}"))
    canvas.write(x + 0.12, top - 0.16, place, size=8.5, colour=GREY, width=width - 0.2)
    inner, room = x + 0.15, width - 0.3
    y = top - 1.2
    head = style.drawable(text("components.part.daemon"))
    seen = {p.role: p for p in daemon.processes}
    line = f"dockerd {one_line(daemon.version, 20)}{_pid(seen.get('dockerd'))}"
    _box(canvas, inner, y, room, 0.88, WRITABLE, head,
         [(line, True), (_label("takes"), False)])  # fmt: skip
    _down(canvas, inner + 0.5, y, y - 0.16)
    version = dict(daemon.components).get("containerd", "")
    line = f"containerd {one_line(version, 20)}{_pid(seen.get('containerd'))}"
    y -= 0.46
    canvas.box(inner, y, room, 0.3, face=WRITABLE.fill, edge=WRITABLE.colour, round_=0.04)
    canvas.write(inner + 0.1, y + 0.15, line, size=8, mono=True, width=room - 0.2)
    _containers(canvas, daemon, inner, room, y)
    _images(canvas, found, inner, room, foot + 0.12)


def _pid(process: object) -> str:
    return f"  [{process.pid}]" if process else ""  # type: ignore[attr-defined]


def _containers(canvas: Canvas, daemon: Daemon, x: float, room: float, below: float) -> None:
    shims = [p for p in daemon.processes if p.role == "shim"]
    first = {p.parent: p for p in daemon.processes if p.role == "container"}
    y = below - 0.88
    if not shims:
        key = "running" if daemon.running else "none_running"
        canvas.write(x + 0.05, y + 0.5, _label(key, count=daemon.running), size=8.5, colour=GREY,
                     width=room)  # fmt: skip
        return
    shown = shims[:SHIMS]
    wide = (room - 0.1 * (len(shown) - 1)) / len(shown) if len(shown) > 1 else room
    for place, shim in enumerate(shown):
        left = x + place * (wide + 0.1)
        _down(canvas, left + 0.5, below, below - 0.16)
        canvas.box(left, y + 0.42, wide, 0.3, face=WRITABLE.fill, edge=WRITABLE.colour, round_=0.04)
        canvas.write(left + 0.08, y + 0.57, f"shim [{shim.pid}]", size=8, mono=True,
                     width=wide - 0.12)  # fmt: skip
        process = first.get(shim.pid)
        if process:
            _down(canvas, left + 0.5, y + 0.42, y + 0.3)
            canvas.box(left, y, wide, 0.3, face=CONFIG.fill, edge=CONFIG.colour, line=1.6)
            name = f"{one_line(process.name, 30)} [{process.pid}]"
            used = canvas.write(left + 0.08, y + 0.15, name, size=8, mono=True, width=wide - 0.12)
            if wide - used > 1.3:
                canvas.write(left + wide - 0.1, y + 0.15, _label("inside"), size=8, colour=GREY,
                             align="right")  # fmt: skip
    if len(shims) > SHIMS:
        canvas.write(x + room, y - 0.1, _label("more", count=len(shims) - SHIMS), size=8,
                     colour=GREY, align="right")  # fmt: skip


def _images(canvas: Canvas, found: Parts, x: float, room: float, y: float) -> None:
    line = style.drawable(_label("images", count=found.images.count, store=found.images.store))
    _box(canvas, x, y, room, 0.66, LAYER, style.drawable(text("components.part.images")),
         [(line, False)])  # fmt: skip


def _shelves(canvas: Canvas, found: Parts, top: float) -> None:
    x, width = SHELF
    y = top + 0.12
    for shelf in found.registries[:SHELVES]:
        y -= 1.02
        key = "ours" if shelf.ours else "usual"
        _box(canvas, x, y, width, 0.9, SHARED, _label("registry"),
             [(one_line(shelf.address, 40), True), (_label(f"shelf_{key}"), False)])  # fmt: skip


def _link(canvas: Canvas, begin: float, end: float, y: float, *, both: bool) -> None:
    canvas.line((begin, end), (y, y), colour=GREY, width=1.4)
    for at, way in ((end, 1), (begin, -1)) if both else ((end, 1),):
        tip = [(at, y), (at - way * 0.11, y + 0.055), (at - way * 0.11, y - 0.055)]
        canvas.axes.add_patch(Polygon(tip, color=GREY))


def _down(canvas: Canvas, x: float, begin: float, end: float) -> None:
    canvas.line((x, x), (begin, end), colour=GREY, width=1.2)


def _words(found: Parts) -> str:
    """Return what is the same on every machine of a kind: no versions, numbers or places."""
    lines = [said("parts.title")]
    if found.client is None:
        lines.append("  " + said("parts.words_no_client"))
    else:
        names = ", ".join(one_line(name, 30) for name, _ in found.client.plugins)
        key = "words_client" if names else "words_bare_client"
        lines.append("  " + said(f"parts.{key}", plugins=names))
    lines.append("  " + said("parts.words_link", how=text(f"components.link.{found.link}")))
    lines.append(
        "  " + said("parts.words_daemon", place=text(f"components.place.{found.daemon.place}"))
    )
    lines.append("    " + _seen(found.daemon))
    lines.append("  " + said("parts.words_images"))
    for shelf in found.registries:
        key = "words_ours" if shelf.ours else "words_usual"
        lines.append("  " + said(f"parts.{key}", address=one_line(shelf.address, 60)))
    for name, _ in found.services:
        lines.append("  " + said("parts.words_project", name=one_line(name, 60)))
    return "\n".join(lines)


def _seen(daemon: Daemon) -> str:
    if not daemon.processes:
        return text("components.no_processes")
    shims = daemon.count("shim")
    key = "each" if shims == daemon.running else "some"
    return said(f"parts.words_{key}", shims=shims, running=daemon.running)
