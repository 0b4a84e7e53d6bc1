"""What an image weighs and what of it can still be seen: a deleted file stays in its layer."""

from __future__ import annotations

from collections import Counter

from .. import images
from ..images import Image, Wasted
from ..images.stacking import stacked
from ..messages import text
from ..text import columns, padded, plain
from . import style
from .canvas import Canvas, measure
from .drawing import Drawing
from .rows import Row, human, one_line, rows
from .style import GREY, LAYER, WASTE, label

WIDTH = 8.6
LEFT, NAMES = 0.3, 3.6  # where a row starts, room for its instruction
BARS = LEFT + NAMES + 0.15
LONGEST = 2.4
ROW = 0.36
ITEMS = 6  # hidden files that are listed


def weight(image: Image, beside: Image | None = None) -> Drawing:
    """Draw for each layer the bytes that it stores and how many of them are hidden.

    Parameters
    ----------
    image: what `helpers.images.read` returned.
    beside: another image to compare with: one more bar for it, and one scale for both, so that
        this figure can be held against that one's.

    A byte is hidden if no container of the image can read it, because a later layer deleted or
    replaced its file (the definition of `helpers.images.waste`). It is still stored and pulled.
    """
    found = images.waste(image)
    hidden: Counter[int] = Counter()
    for lost in stacked(image).hidden:
        hidden[lost.layer] += lost.size
    title = text(
        "figures.weight.title" if found.wasted else "figures.weight.title_clean",
        name=plain(image.name),
        stored=human(image.size),
        seen=human(image.size - found.wasted),
        hidden=human(found.wasted),
    )
    items = [item for item in found.items if item.size]
    with style.look():
        figure = _draw(image, _layers(image), hidden, items, found.wasted, beside)
    words = _words(title, _layers(image), hidden, items)
    if beside:
        lost = human(images.waste(beside).wasted)
        compared = {"name": plain(beside.name), "stored": human(beside.size), "hidden": lost}
        words += "\n" + text("figures.weight.beside", **compared)
    return Drawing(figure, title, words)


def _layers(image: Image) -> list[Row]:
    return [row for row in rows(image) if row.number is not None]


def _draw(
    image: Image,
    layers: list[Row],
    hidden: Counter[int],
    items: list[Wasted],
    wasted: int,
    beside: Image | None,
):
    shown = items[:ITEMS]
    listed = 0.34 + 0.22 * (len(shown) + (len(items) > ITEMS)) if items else 0
    height = 0.66 + ROW * (len(layers) + 1 + bool(beside)) + 0.2 + listed + 0.45
    canvas = Canvas(WIDTH, height)
    canvas.write(LEFT, height - 0.2, image.name, size=12, width=WIDTH - LEFT - 0.1)
    facts = label(
        "weight.facts",
        stored=human(image.size),
        seen=human(image.size - wasted),
        hidden=human(wasted),
    )
    canvas.write(LEFT, height - 0.45, facts, colour=GREY, width=WIDTH - LEFT - 0.1)
    most = max(image.size, beside.size if beside else 0) or 1
    y = height - 0.66
    for row in reversed(layers):
        y -= ROW
        middle = y + ROW / 2
        canvas.write(LEFT, middle, f"L{row.number}", size=10.5, colour=LAYER.colour)
        canvas.write(LEFT + 0.45, middle, row.instruction, size=8.5, mono=True, width=NAMES - 0.5)
        _bar(canvas, middle, row.bytes, hidden[row.number], most)
    y -= 0.06
    canvas.line((LEFT, WIDTH - 0.2), (y, y), colour=GREY, width=0.8)
    y -= ROW
    canvas.write(LEFT, y + ROW / 2, label("weight.sum"), width=NAMES)
    _bar(canvas, y + ROW / 2, image.size, wasted, most)
    if beside:
        y -= ROW
        compared = label("weight.compared", name=one_line(beside.name, 60))
        canvas.write(LEFT, y + ROW / 2, compared, colour=GREY, width=NAMES)
        _bar(canvas, y + ROW / 2, beside.size, images.waste(beside).wasted, most)
    canvas.line((BARS, BARS), (y, height - 0.66), colour=GREY, width=0.8)
    y -= 0.3
    _legend(canvas, y)
    if items:
        y -= 0.32
        canvas.write(LEFT, y, label("weight.items"), colour=WASTE.colour)
    for item in shown:
        y -= 0.22
        canvas.write(LEFT + 0.1, y, _item(item), size=8.5, width=WIDTH - LEFT - 0.3)
    if len(items) > ITEMS:
        canvas.write(LEFT + 0.1, y - 0.22, label("weight.more", count=len(items) - ITEMS), size=8.5)
    return canvas.figure


def _bar(canvas: Canvas, y: float, stored: int, hidden: int, most: int) -> None:
    seen = LONGEST * (stored - hidden) / most
    lost = LONGEST * hidden / most
    if stored > hidden:
        canvas.box(BARS, y - 0.09, seen, 0.18, face=LAYER.colour, edge=LAYER.colour, line=0.8)
    if hidden:
        canvas.box(BARS + seen, y - 0.09, lost, 0.18, face=WASTE.fill, edge=WASTE.colour,
                   hatch=WASTE.hatch, line=0.8)  # fmt: skip
    x = BARS + seen + lost + 0.08
    x += canvas.write(x, y, human(stored), size=9)
    if hidden:
        canvas.write(x + 0.1, y, label("weight.of_it", hidden=human(hidden)), size=8.5,
                     colour=WASTE.colour, width=WIDTH - x - 0.15)  # fmt: skip


def _legend(canvas: Canvas, y: float) -> None:
    seen, hidden = label("weight.seen"), label("weight.hidden")
    canvas.box(BARS, y - 0.06, 0.22, 0.12, face=LAYER.colour, edge=LAYER.colour, line=0.8)
    canvas.write(BARS + 0.3, y, seen, size=8.5, colour=GREY)
    x = BARS + 0.3 + measure(seen, 8.5) + 0.3
    canvas.box(x, y - 0.06, 0.22, 0.12, face=WASTE.fill, edge=WASTE.colour, hatch=WASTE.hatch,
               line=0.8)  # fmt: skip
    canvas.write(x + 0.3, y, hidden, size=8.5, colour=GREY)


def _item(item: Wasted) -> str:
    """Return where a hidden file lies and what hid it: ``/big 3.15 MB in L3, deleted in L4``."""
    pairs = list(zip(item.layers, item.hidden_by, strict=True))
    places = text("figures.weight.comma").join(
        text("figures.weight.hidden_by", layer=layer, by=by) for layer, by in pairs[:4]
    )
    if len(pairs) > 4:
        places += " …"
    kind = "deleted" if item.deleted else "replaced"
    path = one_line("/" + item.path, 120)
    return text(f"figures.weight.{kind}", path=path, size=human(item.size), places=places)


def _words(title: str, layers: list[Row], hidden: Counter[int], items: list[Wasted]) -> str:
    lines = [title, text("figures.weight.order")]
    stored = max((len(human(row.bytes)) for row in layers), default=1)
    names = max((len(f"L{row.number}") for row in layers), default=2)
    notes = {
        row.number: text("figures.weight.of_it", hidden=human(hidden[row.number])) for row in layers
    }
    room = max((columns(note) for note in notes.values()), default=0)
    for row in reversed(layers):
        lines.append(
            f"  {f'L{row.number}':<{names}}  {human(row.bytes):>{stored}}  "
            f"{padded(notes[row.number], room)}  {row.instruction}"
        )
    if items:
        lines.append(text("figures.weight.items"))
        lines += ["  " + _item(item) for item in items[:ITEMS]]
    if len(items) > ITEMS:
        lines.append("  " + text("figures.weight.more", count=len(items) - ITEMS))
    return "\n".join(lines)
