"""Several images over the layers they stand on: a shared layer is one block, as it is on disk."""

from __future__ import annotations

from collections import Counter

from ..images.sharing import Forest, Node
from ..messages import text
from . import style
from .canvas import ELLIPSIS, Canvas, measure
from .drawing import Drawing
from .forest_layout import SINGLE, Block, layout, span
from .rows import counted, human, one_line
from .style import FAINT, GREY, INK, LAYER, SHARED, label

LEFT, RIGHT = 0.3, 8.4
DRAWN = 14  # images side by side
WORDS = 40  # images in the words
NARROW_HEAD = 1.5  # room for names that stand upright
DOT = " · "


def sharing(forest: Forest) -> Drawing:
    """Draw which layers images share, each image a column, each layer once.

    Parameters
    ----------
    forest: what `helpers.images.sharing.forest` returned.

    A block spans the columns of all images that stand on it. Two bars compare what the images would
    take if each had its layers to itself with what is on disk, where a shared layer lies once.
    Of more than 14 images the first 14 are drawn; the bars and the words are about all.
    """
    title = _title(forest)
    with style.look():
        blocks, columns = layout(forest, [image.name for image in forest.images[:DRAWN]])
        figure = _draw(forest, blocks, columns)
    return Drawing(figure, title, _words(title, forest))


def _title(forest: Forest) -> str:
    images = counted("images", len(forest.images))
    if forest.unit is None:
        return text("figures.sharing.title_sizeless", images=images, layers=_layers(forest))
    return text(
        "figures.sharing.title",
        images=images,
        summed=human(forest.summed_bytes),
        once=human(forest.once_bytes),
    )


def _layers(forest: Forest) -> str:
    return counted("layers", len(forest.nodes))


def _draw(forest: Forest, blocks: list[Block], columns: dict[str, tuple[int, float]]):
    count = max(len(columns), 1)
    width = min((RIGHT - LEFT) / count, 2.6)
    narrow = width < 1.15
    tallest = max((block.base + block.height for block in blocks), default=0.0)
    head = NARROW_HEAD if narrow else 0.5
    foot = 1.25 if forest.unit else 0.5
    canvas = Canvas(RIGHT + 0.2, 0.55 + head + tallest + foot)
    canvas.write(LEFT, canvas.height - 0.22, _headline(forest), size=11.5, width=RIGHT - LEFT)
    for block in blocks:
        _block(canvas, block, LEFT + block.first * width, foot + block.base,
               width * (block.last - block.first + 1))  # fmt: skip
    for name, (column, top) in columns.items():
        _name(canvas, forest, name, LEFT + column * width, foot + top, width, narrow)
    canvas.line((LEFT, LEFT + width * count), (foot, foot), colour=INK, width=1.4)
    if forest.unit:
        _totals(canvas, forest)
    _legend(canvas, len(forest.images) - len(columns))
    return canvas.figure


def _headline(forest: Forest) -> str:
    return label(
        "sharing.headline", images=counted("images", len(forest.images)), layers=_layers(forest)
    )


def _block(canvas: Canvas, block: Block, x: float, y: float, width: float) -> None:
    shared = len(block.images) > 1
    look = SHARED if shared else LAYER
    x, width = x + 0.04, width - 0.08
    pieces = [[n] for n in block.nodes] if len(block.nodes) <= SINGLE else [block.nodes]
    height = block.height / len(pieces)
    for place, nodes in enumerate(pieces):
        foot = y + place * height + 0.03
        tall = height - 0.06
        canvas.box(x, foot, width, tall, face=look.fill, edge=look.colour)
        left = x + 0.08
        if shared:  # a hatched edge: shared blocks differ in more than colour
            canvas.box(x, foot, 0.12, tall, face=look.fill, edge=look.colour, hatch="////")
            left += 0.12
        room = x + width - left - 0.04
        lines, size = _fitting(_said(nodes, len(block.images)), room)
        for number, line in enumerate(lines):
            middle = foot + tall / 2 + 0.08 * (len(lines) - 1) - 0.16 * number
            canvas.write(left, middle, line, size=size, width=room)


def _said(nodes: list[Node], images: int) -> list[str]:
    """Return what a box says, in pieces: which layers, their bytes, how many images use them."""
    sizes = [node.size for node in nodes]
    said = [span(nodes[0].number, nodes[-1].number)]
    if len(nodes) > 1:
        said.append(label("layers.many", count=len(nodes)))
    if None not in sizes:
        said.append(human(sum(sizes)))
    if images > 1:
        said.append(label("sharing.once", count=images))
    return said


def _fitting(said: list[str], room: float) -> tuple[list[str], float]:
    """Put the pieces on one line or two, in the largest type in which they fit."""
    whole = DOT.join(said)
    splits = [[DOT.join(said[:n]), DOT.join(said[n:])] for n in range(len(said) - 1, 0, -1)]
    for size in (9, 8, 7.5):
        for lines in ([whole], *splits):
            if all(measure(line, size) <= room for line in lines):
                return lines, size
    return (splits[0] if splits else [whole]), 7.5


def _name(canvas: Canvas, forest: Forest, name: str, x, y, width, narrow: bool) -> None:
    shown, size = style.drawable(one_line(name, 80)), human(forest.size(name))
    if narrow:
        canvas.write(x + width / 2, y + 0.06, _tail(shown, NARROW_HEAD - 0.1, 9), size=9,
                     rotation=90, align="center", foot=True)  # fmt: skip
        return
    canvas.write(x + width / 2, y + 0.34, _tail(shown, width - 0.1, 9.5), align="center")
    empty = not forest.image(name).chain
    note = label("sharing.no_layers") if empty else size
    canvas.write(x + width / 2, y + 0.14, note, size=8.5, colour=GREY, align="center",
                 width=width - 0.1)  # fmt: skip


def _tail(name: str, width: float, size: float) -> str:
    """Cut a name at its front: what tells images apart is at the end."""
    if measure(name, size) <= width:
        return name
    while len(name) > 1 and measure(ELLIPSIS + name, size) > width:
        name = name[1:]
    return ELLIPSIS + name


def _totals(canvas: Canvas, forest: Forest) -> None:
    summed, once = forest.summed_bytes, forest.once_bytes
    names = [label("sharing.summed"), label("sharing.on_disk")]
    start = LEFT + max(measure(name, 9) for name in names) + 0.15
    longest = RIGHT - start - 1.9
    for y, name, count, look in (
        (0.95, names[0], summed, None),
        (0.66, names[1], once, LAYER),
    ):
        canvas.write(LEFT, y, name, size=9)
        length = longest * count / summed if summed else 0
        if look and count:
            canvas.box(start, y - 0.09, length, 0.18, face=look.colour, edge=look.colour)
        elif count:
            canvas.box(start, y - 0.09, length, 0.18, face=FAINT, edge=GREY, hatch="...")
        text_ = human(count)
        if look and summed:
            text_ += DOT + label("sharing.saved", size=human(summed - once))
        canvas.write(start + length + 0.08, y, text_, size=9, width=RIGHT - start - length - 0.08)


def _legend(canvas: Canvas, hidden: int) -> None:
    x, y = LEFT, 0.26
    for look, key, hatch in ((SHARED, "shared", "////"), (LAYER, "own", "")):
        canvas.box(x, y - 0.07, 0.24, 0.14, face=look.fill, edge=look.colour, hatch=hatch)
        x += 0.32 + canvas.write(x + 0.32, y, label(f"sharing.{key}"), size=8.5, colour=GREY) + 0.3
    if hidden > 0:
        canvas.write(
            x,
            y,
            label("sharing.not_drawn", images=counted("more_images", hidden)),
            size=8.5,
            colour=GREY,
        )


def _words(title: str, forest: Forest) -> str:
    lines = [title]
    several = Counter(c for image in forest.images for c in image.chain)
    for image in forest.images[:WORDS]:
        layers = counted("layers", len(image.chain))
        below = forest.stands_on(image.name)
        key = "stands" if below else "image"
        lines.append(
            "  "
            + text(
                f"figures.sharing.{key}",
                name=one_line(image.name, 80),
                layers=layers,
                size=human(forest.size(image.name)),
                shared=sum(1 for c in image.chain if several[c] > 1),
                below=one_line(below[0].name, 80) if below else "",
            )
        )
    if len(forest.images) > WORDS:
        lines.append("  " + text("figures.sharing.more", count=len(forest.images) - WORDS))
    blocks, _ = layout(forest, [image.name for image in forest.images[:WORDS]])
    shared = [block for block in blocks if len(block.images) > 1]
    lines.append(text("figures.sharing.blocks") if shared else text("figures.sharing.nothing"))
    for block in shared:
        names = [one_line(name, 80) for name in block.images[:8]]
        if len(block.images) > 8:
            names.append("…")
        lines.append(
            "  "
            + text(
                "figures.sharing.block",
                layers=block.name,
                size=human(block.size),
                images=text("figures.weight.comma").join(names),
            )
        )
    if forest.unit:
        saved = forest.summed_bytes - forest.once_bytes
        lines.append(text("figures.sharing.saving", saved=human(saved)))
    return "\n".join(lines)
