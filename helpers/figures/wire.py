"""Pushes and pulls: which layers crossed between engine and registry, and which did not have to."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..messages import text
from ..registry.model import MOUNTED, Crossing, Transfer
from ..registry.moving import Pulled, Pushed
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .rows import human, one_line
from .style import GREY, LAYER, PAPER, SHARED, WRITABLE, drawable

WIDTH, LEFT = 8.6, 0.3
LANE = (1.55, 5.2)  # inches: from the engine's edge to the registry's
STATE = LANE[1] + 0.2  # where the words of a row begin
ROW = 0.34
HEAD, FOOT = 0.62, 0.42  # above and below the rows of a transfer
ROOM = 0.45  # inches that the longest bar leaves for its arrow
TIP = 0.12  # inches of an arrow's head
SMALLEST = 0.05


def wire(*moves: Pushed | Pulled | Transfer) -> Drawing:
    """Draw pushes and pulls one below the other, all bars to one scale.

    Parameters
    ----------
    moves: what `Registry.push` and `Registry.pull` returned.

    The words tell layers and relations; bytes stand in the picture alone, because an image store
    that compresses sends fewer.
    """
    transfers = [found for move in moves if (found := getattr(move, "transfer", move)) is not None]
    titles = [str(transfer).splitlines()[0] for transfer in transfers]
    title = text("registry.wire.headline")
    with style.look():
        figure = _draw(transfers)
    lines = [title]
    for transfer in transfers:
        lines.append(str(transfer))
        if transfer.requests:  # else nobody listened at the registry, and nothing was counted
            lines.append("  " + _agreement(transfer))
    alt = text("figures.weight.comma").join(titles) or title
    return Drawing(figure, one_line(alt), "\n".join(lines))


def _agreement(transfer: Transfer) -> str:
    key = {None: "uncounted", True: "agrees", False: "differs"}[transfer.agrees]
    return text(f"registry.wire.{key}")


def _label(key: str, **values: object) -> str:
    return drawable(text(f"registry.wire.{key}", **values))


def _draw(transfers: list[Transfer]) -> Figure:
    rows = sum(len(transfer.layers) + bool(_small_items(transfer)) for transfer in transfers)
    height = 0.6 + len(transfers) * (HEAD + FOOT - 0.12) + rows * ROW + 0.4
    canvas = Canvas(WIDTH, height)
    canvas.write(LEFT, height - 0.22, _label("headline"), size=12)
    canvas.write(LEFT, height - 0.45, _label("scale"), colour=GREY, size=8.5)
    sizes = [layer.size for transfer in transfers for layer in transfer.layers]
    scale = (LANE[1] - LANE[0] - ROOM) / max(sizes, default=1)
    y = height - 0.6
    for transfer in transfers:
        y = _panel(canvas, transfer, y, scale)
    _legend(canvas, 0.22)
    return canvas.figure


def _panel(canvas: Canvas, transfer: Transfer, top: float, scale: float) -> float:
    """Draw one transfer below ``top``; return where it ends."""
    canvas.write(LEFT, top - 0.18, _title(transfer), size=10.5, width=WIDTH - LEFT - 0.2)
    y = top - 0.42
    canvas.write(LANE[0], y, _label("engine"), size=8.5, colour=GREY)
    canvas.write(LANE[1], y, _label("registry"), size=8.5, colour=GREY, align="right")
    y = first = top - HEAD + 0.06
    for layer in reversed(transfer.layers):
        _row(canvas, transfer, layer, y - ROW / 2, scale)
        y -= ROW
    if small := _small_items(transfer):
        _small(canvas, transfer, small, y - ROW / 2)
        y -= ROW
    for x in LANE:
        canvas.line((x, x), (y, first), colour=GREY, width=1.2)
    whole = human(transfer.crossed + transfer.spared)
    total = _label("sum", crossed=human(transfer.crossed), whole=whole)
    canvas.write(LANE[0], y - 0.15, total, size=9, width=LANE[1] - LANE[0] - 0.1)
    if transfer.requests:
        counted = _label("uncounted")
        if transfer.wire is not None:
            counted = _label("counted", wire=human(transfer.wire))
        canvas.write(STATE, y - 0.15, counted, size=8.5, colour=GREY, width=WIDTH - STATE - 0.05)
    return y - FOOT + 0.06


def _small_items(transfer: Transfer) -> list[Crossing]:
    """Manifest and config; none where only the daemon was heard, which tells of layers alone."""
    return [item for item in transfer.items if item.kind != "layer"]


def _title(transfer: Transfer) -> str:
    return drawable(one_line(str(transfer).splitlines()[0], 120))


def _row(canvas: Canvas, transfer: Transfer, layer: Crossing, y: float, scale: float) -> None:
    canvas.write(LANE[0] - 0.15, y, f"L{layer.number}", size=10, colour=LAYER.colour, align="right")
    _bar(canvas, transfer, layer, y, max(layer.size * scale, SMALLEST))
    if layer.crossed:
        words, colour = _label("crossed", size=human(layer.size)), LAYER.colour
    else:
        state = text(f"registry.transfer.{layer.state}", source=layer.source)
        words = _label("spared", state=state, size=human(layer.size))
        colour = WRITABLE.colour if layer.state == MOUNTED else GREY
    canvas.write(STATE, y, words, size=9, colour=colour, width=WIDTH - STATE - 0.05)


def _bar(canvas: Canvas, transfer: Transfer, item: Crossing, y: float, length: float) -> None:
    """Draw a bar at the edge where the layer comes from; one that did not cross is hollow."""
    start = LANE[0] if transfer.push else LANE[1] - length
    tall = 0.16
    if item.state == MOUNTED:
        start = LANE[1] - length  # it never left the registry
        canvas.box(start, y - tall / 2, length, tall, face=WRITABLE.fill, edge=WRITABLE.colour,
                   hatch=WRITABLE.hatch, line=0.9)  # fmt: skip
    elif item.crossed:
        canvas.box(start, y - tall / 2, length, tall, face=LAYER.colour, edge=LAYER.colour)
        _arrow(canvas, y, start, length, transfer.push)
    else:
        # it stays where it is: at the end that it would have gone to
        start = LANE[1] - length if transfer.push else LANE[0]
        canvas.box(start, y - tall / 2, length, tall, face=PAPER, edge=SHARED.colour, dashed=True)


def _arrow(canvas: Canvas, y: float, start: float, length: float, right: bool) -> None:
    tail, tip = (start + length, LANE[1] - 0.04) if right else (start, LANE[0] + 0.04)
    back = tip - TIP if right else tip + TIP
    if (tip - tail > 0) == right:
        canvas.line((tail, tip), (y, y), colour=LAYER.colour, width=1.4)
        for side in (-0.06, 0.06):
            canvas.line((back, tip), (y + side, y), colour=LAYER.colour, width=1.4)


def _small(canvas: Canvas, transfer: Transfer, items: list[Crossing], y: float) -> None:
    """Write config and manifest, which are too small for a bar."""
    canvas.write(
        LANE[0] - 0.15,
        y,
        _label("small"),
        size=8.5,
        colour=GREY,
        align="right",
        width=LANE[0] - 0.2,
    )
    crossed = sum(item.size for item in items if item.crossed)
    if crossed:
        _arrow(canvas, y, LANE[0] if transfer.push else LANE[1], 0, transfer.push)
        words = _label("crossed", size=human(crossed))
        canvas.write(STATE, y, words, size=9, colour=LAYER.colour, width=WIDTH - STATE - 0.05)
    else:
        state = text(f"registry.transfer.{'there' if transfer.push else 'held'}")
        canvas.write(STATE, y, drawable(state), size=9, colour=GREY, width=WIDTH - STATE - 0.05)


def _legend(canvas: Canvas, y: float) -> None:
    x = LEFT
    for key, look in (
        ("key_crossed", {"face": LAYER.colour, "edge": LAYER.colour}),
        ("key_there", {"face": PAPER, "edge": SHARED.colour, "dashed": True}),
        ("key_mounted", {"face": WRITABLE.fill, "edge": WRITABLE.colour, "hatch": WRITABLE.hatch}),
    ):
        canvas.box(x, y - 0.06, 0.26, 0.12, line=0.9, **look)
        x += 0.34
        x += canvas.write(x, y, _label(key), size=8.5, colour=GREY) + 0.3
