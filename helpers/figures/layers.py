"""One image as a stack of read-only layers, its config on top, and what a container adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..images import Image
from ..messages import text
from ..text import plain
from . import style
from .canvas import Canvas, measure
from .drawing import Drawing
from .rows import Row, config_items, counted, human, one_line, rows
from .stack_words import stack_words
from .style import ADDED, CHANGED, CONFIG, FAINT, GREY, LAYER, REMOVED, WRITABLE, label

WIDTH = 8.6
LEFT, BOX = 0.62, 5.3  # where the boxes start, how wide they are
BARS = LEFT + BOX + 0.3  # where the size bars start
LONGEST = 1.35  # inches of the longest bar
GAP = 0.08


class Writable(Protocol):
    """What a container changed; `helpers.containers.changes` returns such an object."""

    name: str
    added: Sequence[str]
    changed: Sequence[str]
    deleted: Sequence[str]
    size: int


def stack(image: Image, writable: Writable | None = None) -> Drawing:
    """Draw the layers of an image, the lowest (L1) at the bottom.

    Parameters
    ----------
    image: what `helpers.images.read` returned.
    writable: what a container of this image changed; drawn as a dashed layer on top.

    Each layer shows the instruction that made it, how many files it adds (``+``), changes (``~``)
    and removes (``−``), and its content bytes as a bar on a linear scale from zero. A step without
    a box made no layer. The config is a slip on top: it holds settings and no files.
    """
    title = text(
        "figures.stack.title",
        name=plain(image.name),
        layers=counted("layers", len(image.layers)),
        size=human(image.size),
    )
    with style.look():
        figure = _Stack(image, rows(image), writable).draw()
    return Drawing(figure, title, stack_words(title, image, rows(image), writable))


class _Stack:
    """The places of everything in the picture, from the top down."""

    def __init__(self, image: Image, steps: list[Row], writable: Writable | None) -> None:
        self.image, self.steps, self.writable = image, steps, writable
        self.layer_height = 0.5 if len(image.layers) <= 24 else 0.3
        self.empty_height = 0.24
        self.most = max([layer.size for layer in image.layers] + [writable.size if writable else 0])
        config = config_items(image.config)
        self.config_lines = _wrap(config, BOX - 0.3)
        self.config_height = 0.34 + 0.2 * len(self.config_lines)
        body = sum((self.layer_height if row.number else self.empty_height) + GAP for row in steps)
        top = 0.68 + (0.78 if writable else 0)
        self.height = top + self.config_height + 0.16 + body + 0.52
        if not image.layers:
            self.height += 0.4
        self.canvas = Canvas(WIDTH, self.height)

    def draw(self):
        canvas = self.canvas
        size = human(self.image.size)
        layers = counted("layers", len(self.image.layers))
        facts = label("stack.facts", layers=layers, size=size)
        canvas.write(LEFT, self.height - 0.2, self.image.name, size=12, width=WIDTH - LEFT - 0.1)
        canvas.write(LEFT, self.height - 0.45, facts, colour=GREY, width=WIDTH - LEFT - 0.1)
        y = self.height - 0.68
        if self.writable:
            y = self._writable(y - 0.62) - 0.16
        y = top = self._config(y - self.config_height) - 0.16
        edges = []  # of the layers, lowest last
        for row in reversed(self.steps):
            if row.number is None:
                y = self._empty(row, y - self.empty_height) - GAP
            else:
                edges.append(y)
                y = self._layer(row, y - self.layer_height) - GAP
                edges.append(y + GAP)
        if edges:
            self._side(edges[-1], edges[0], label("stack.read_only"), LAYER.colour)
            # Zero of every bar: one twice as long is twice the bytes.
            canvas.line((BARS, BARS), (y + GAP / 2, top), colour=FAINT, width=0.8)
            self._legend(0.2)
        else:
            canvas.write(LEFT, y - 0.2, label("stack.no_layers"), colour=GREY)
        return canvas.figure

    def _writable(self, y: float) -> float:
        change, canvas = self.writable, self.canvas
        canvas.box(LEFT, y, BOX, 0.62, face=WRITABLE.fill, edge=WRITABLE.colour, dashed=True,
                   line=1.8)  # fmt: skip
        canvas.write(LEFT + 0.12, y + 0.43, label("stack.writable", name=one_line(change.name, 40)),
                     colour=WRITABLE.colour, width=BOX - 0.24)  # fmt: skip
        self._counts(
            LEFT + 0.12, y + 0.18, len(change.added), len(change.changed), len(change.deleted)
        )
        self._bar(change.size, y + 0.31, WRITABLE.colour, hatch="....", face=WRITABLE.fill)
        self._side(y, y + 0.62, label("stack.read_write"), WRITABLE.colour)
        return y

    def _config(self, y: float) -> float:
        canvas, height = self.canvas, self.config_height
        canvas.slip(LEFT, y, BOX, height, CONFIG.fill, CONFIG.colour)
        canvas.write(LEFT + 0.12, y + height - 0.18, label("stack.config"), colour=CONFIG.colour,
                     width=BOX - 0.4)  # fmt: skip
        for number, line in enumerate(self.config_lines):
            canvas.write(LEFT + 0.12, y + height - 0.4 - 0.2 * number, line, size=8.5, mono=True,
                         width=BOX - 0.24)  # fmt: skip
        canvas.write(BARS + 0.08, y + height / 2, label("stack.no_files"), size=8.5, colour=GREY)
        return y

    def _empty(self, row: Row, y: float) -> float:
        middle = y + self.empty_height / 2
        canvas = self.canvas
        canvas.line((LEFT + 0.1, LEFT + 0.38), (middle, middle), colour=GREY, dashed=True)
        canvas.write(LEFT + 0.5, middle, row.instruction, size=8.5, colour=GREY, mono=True,
                     width=BOX - 0.55)  # fmt: skip
        canvas.write(BARS + 0.08, middle, label("stack.no_layer"), size=8.5, colour=GREY)
        return y

    def _layer(self, row: Row, y: float) -> float:
        canvas, height = self.canvas, self.layer_height
        canvas.box(LEFT, y, BOX, height, face=LAYER.fill, edge=LAYER.colour)
        canvas.write(LEFT + 0.12, y + height / 2, f"L{row.number}", size=11, colour=LAYER.colour)
        x, room = LEFT + 0.55, BOX - 0.65
        if height > 0.4:
            canvas.write(x, y + 0.35, row.instruction, size=8.5, mono=True, width=room)
            x += self._counts(x, y + 0.14, row.added, row.changed, row.removed) + 0.16
            canvas.write(x, y + 0.14, row.folders_only, size=8.5, colour=GREY)
        else:
            taken = self._counts(
                LEFT + BOX - 0.1, y + height / 2, row.added, row.changed, row.removed, right=True
            )
            folders = row.folders_only
            step = f"{row.instruction} · {folders}" if folders else row.instruction
            canvas.write(x, y + height / 2, step, size=8.5, mono=True, width=room - taken - 0.15)
        self._bar(row.bytes, y + height / 2, LAYER.colour)
        return y

    def _counts(self, x, y, added, changed, removed, right: bool = False) -> float:
        """Write ``+12 ~1 −2``, each in its colour; return the width that it takes."""
        parts = [
            (f"{kind.symbol}{count:,}", kind.colour if count else GREY)
            for kind, count in ((ADDED, added), (CHANGED, changed), (REMOVED, removed))
        ]
        step = 0.14
        widths = [measure(part, 8.5) for part, _ in parts]
        total = sum(widths) + step * 2
        at = x - total if right else x
        for (part, colour), width in zip(parts, widths, strict=True):
            self.canvas.write(at, y, part, size=8.5, colour=colour)
            at += width + step
        return total

    def _bar(self, count: int, y: float, colour: str, hatch: str = "", face: str = "") -> None:
        length = LONGEST * count / self.most if self.most else 0.0
        if count:
            self.canvas.box(BARS, y - 0.08, length, 0.16, face=face or colour, edge=colour,
                            hatch=hatch, line=0.8)  # fmt: skip
        self.canvas.write(BARS + length + 0.08, y, human(count), size=9)

    def _side(self, bottom: float, top: float, words: str, colour: str) -> None:
        """Name a stretch of the picture at its left edge."""
        x = LEFT - 0.14
        self.canvas.line((x + 0.06, x, x, x + 0.06), (top, top, bottom, bottom), colour=colour)
        if measure(words, 8.5) <= x - 0.12:
            self.canvas.write(x - 0.08, (top + bottom) / 2, words, size=8.5, colour=colour,
                              align="right")  # fmt: skip
            return
        if measure(words, 8.5) <= top - bottom:
            self.canvas.write(x - 0.14, (top + bottom) / 2, words, size=8.5, colour=colour,
                              align="center", rotation=90)  # fmt: skip
            return
        for number, word in enumerate(words.split()):  # a short stretch: one word a line
            self.canvas.write(x - 0.06, (top + bottom) / 2 + 0.08 - 0.16 * number, word, size=7.5,
                              colour=colour, align="right", width=x - 0.08)  # fmt: skip

    def _legend(self, y: float) -> None:
        canvas, x = self.canvas, LEFT
        for kind, key in ((ADDED, "added"), (CHANGED, "changed"), (REMOVED, "removed")):
            x += canvas.write(x, y, f"{kind.symbol} {label(key)}", size=8.5, colour=kind.colour)
            x += 0.22
        canvas.write(x, y, label("stack.files"), size=8.5, colour=GREY)
        canvas.write(BARS, y, label("stack.scale"), size=8.5, colour=GREY, width=WIDTH - BARS - 0.1)


def _wrap(items: list[str], room: float, separator: str = "  ·  ") -> list[str]:
    """Put short items side by side on as few lines as fit."""
    lines: list[str] = []
    for item in items:
        longer = f"{lines[-1]}{separator}{item}" if lines else ""
        if lines and measure(style.drawable(longer), 8.5, mono=True) <= room:
            lines[-1] = longer
        else:
            lines.append(item)
    return lines
