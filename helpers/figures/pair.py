"""Two containers of one image: the read-only layers are common, the writable ones are not."""

from __future__ import annotations

from ..images import Image
from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .layers import Writable
from .rows import counted, human, one_line
from .style import ADDED, CHANGED, GREY, LAYER, REMOVED, WRITABLE, Look, label

WIDTH, LEFT = 8.6, 0.3
PATHS = 6  # changes of a container that are listed
STRIPES = 8  # layers of the image that are drawn


def two_containers(image: Image, first: Writable, second: Writable) -> Drawing:
    """Draw one image and the writable layers of two containers that were started from it.

    Parameters
    ----------
    image: what `helpers.images.read` returned.
    first, second: what each container changed (`helpers.containers.changes`).
    """
    title = text(
        "figures.pair.title",
        name=one_line(image.name, 80),
        layers=counted("layers", len(image.layers)),
    )
    with style.look():
        figure = _draw(image, (first, second))
    return Drawing(figure, title, _words(title, image, (first, second)))


def _changes(writable: Writable) -> list[tuple[Look, str]]:
    found = []
    for look, paths in (
        (ADDED, writable.added),
        (CHANGED, writable.changed),
        (REMOVED, writable.deleted),
    ):
        found += [(look, _path(path)) for path in sorted(paths)]
    return found


def _path(path: str) -> str:
    return "/" + one_line(path, 200).lstrip("/")


def _layer(writable: Writable) -> str:
    counts = text(
        "figures.counts",
        added=len(writable.added),
        changed=len(writable.changed),
        removed=len(writable.deleted),
    )
    return text("figures.pair.layer", counts=counts, size=human(writable.size))


def _line(owner: str, what: str) -> str:
    return text("figures.pair.line", owner=owner, what=what)


def _draw(image: Image, containers: tuple[Writable, Writable]):
    listed = max(min(len(_changes(c)), PATHS + 1) for c in containers)
    tall = 0.7 + 0.2 * max(listed, 1)
    stripes = max(1, min(len(image.layers), STRIPES))
    base = 0.62 + 0.13 * stripes
    canvas = Canvas(WIDTH, 0.5 + tall + 0.3 + base + 0.55)
    canvas.write(LEFT, canvas.height - 0.22, label("pair.headline"), size=12)
    width = (WIDTH - 2 * LEFT - 0.3) / 2
    y = canvas.height - 0.5 - tall
    for place, container in enumerate(containers):
        _container(canvas, container, LEFT + place * (width + 0.3), y, width, tall)
    for place in range(2):  # both stand on the same block
        x = LEFT + place * (width + 0.3) + width / 2
        canvas.line((x, x), (y, y - 0.3), colour=GREY, dashed=True)
    y -= 0.3 + base
    full = WIDTH - 2 * LEFT
    canvas.box(LEFT, y, full, base, face=LAYER.fill, edge=LAYER.colour, line=1.8)
    for stripe in range(1, stripes):
        at = y + 0.13 * stripe
        canvas.line((LEFT, LEFT + full), (at, at), colour=LAYER.colour, width=0.7)
    name = label(
        "pair.image",
        name=one_line(image.name, 60),
        layers=counted("layers", len(image.layers)),
        size=human(image.size),
    )
    canvas.write(LEFT + 0.15, y + base - 0.2, name, colour=LAYER.colour, width=full - 0.3)
    canvas.write(LEFT + 0.15, y + base - 0.43, label("pair.shared"), size=8.5, colour=GREY,
                 width=full - 0.3)  # fmt: skip
    x = LEFT
    for kind, key in ((ADDED, "added"), (CHANGED, "changed"), (REMOVED, "removed")):
        x += canvas.write(x, 0.26, f"{kind.symbol} {label(key)}", size=8.5, colour=kind.colour)
        x += 0.22
    return canvas.figure


def _container(canvas: Canvas, container: Writable, x, y, width, height) -> None:
    canvas.box(x, y, width, height, face=WRITABLE.fill, edge=WRITABLE.colour, dashed=True, line=1.8)
    top = y + height
    name = label("pair.container", name=one_line(container.name, 60))
    canvas.write(x + 0.12, top - 0.18, name, colour=WRITABLE.colour, width=width - 0.24)
    canvas.write(x + 0.12, top - 0.4, _layer(container), size=8.5,
                 colour=GREY, width=width - 0.24)  # fmt: skip
    changes = _changes(container)
    line = top - 0.64
    for look, path in changes[:PATHS]:
        canvas.write(x + 0.12, line, look.symbol, size=9.5, colour=look.colour, mono=True)
        canvas.write(x + 0.32, line, path, size=8.5, mono=True, width=width - 0.42)
        line -= 0.2
    if len(changes) > PATHS:
        canvas.write(x + 0.32, line, label("pair.more", count=len(changes) - PATHS), size=8.5)
    if not changes:
        canvas.write(x + 0.12, line, label("pair.nothing"), size=8.5, colour=GREY)


def _words(title: str, image: Image, containers: tuple[Writable, Writable]) -> str:
    name = text(
        "figures.pair.image",
        name=one_line(image.name, 80),
        layers=counted("layers", len(image.layers)),
        size=human(image.size),
    )
    lines = [title, "  " + _line(name, text("figures.pair.shared"))]
    for container in containers:
        owner = text("figures.pair.container", name=one_line(container.name, 80))
        lines.append("  " + _line(owner, _layer(container)))
        changes = _changes(container)
        lines += [f"    {look.symbol} {path}" for look, path in changes[:PATHS]]
        if len(changes) > PATHS:
            lines.append("    " + text("figures.pair.more", count=len(changes) - PATHS))
        if not changes:
            lines.append("    " + text("figures.pair.nothing"))
    return "\n".join(lines)
