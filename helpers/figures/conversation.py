"""Who says what to whom when the docker client is given one command: a sequence diagram."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from ..components.model import CLIENT, DAEMON, REGISTRY, Conversation, Exchange
from . import style
from .canvas import ELLIPSIS, Canvas, measure
from .conversation_words import conversation_words, meaning_of, said, title_of
from .drawing import Drawing
from .rows import one_line
from .style import CONFIG, FAILED, FAINT, GREY, INK, LAYER, SHARED, WRITABLE, Look

__all__ = ["conversation"]

WIDTH, EDGE = 8.6, 0.95
HEAD, ROW, FOOT = 1.0, 0.5, 0.34
LANES = {CLIENT: LAYER, DAEMON: WRITABLE, REGISTRY: SHARED}
MOST = 24  # arrows that are drawn
OPEN = CONFIG  # a connection that stays open


@dataclass
class _Row:
    """One arrow: requests of the same kind that follow each other."""

    exchanges: list[Exchange]

    @property
    def first(self) -> Exchange:
        return self.exchanges[0]


def conversation(heard: Conversation) -> Drawing:
    """Draw a command as a conversation: client, daemon and, if it was heard, the registry.

    Parameters
    ----------
    heard: what `helpers.components.record` returned. The picture shows each request as it was sent;
        the words leave out what differs from engine to engine (see `conversation_words`).
    """
    title = title_of(heard)
    with style.look():
        figure = _draw(heard)
    return Drawing(figure, title, conversation_words(heard))


def _rows(heard: Conversation) -> list[_Row]:
    alike = groupby(heard.exchanges, lambda e: (e.receiver, e.method, e.path, e.status, e.kind))
    return [_Row(list(found)) for _, found in alike]


def _draw(heard: Conversation) -> Figure:
    rows = _rows(heard)
    shown = rows[:MOST]
    canvas = Canvas(WIDTH, HEAD + ROW * max(len(shown), 1) + FOOT + 0.3)
    canvas.write(0.3, canvas.height - 0.22, _label("headline"), size=12)
    canvas.write(0.3, canvas.height - 0.46, f"$ {one_line(heard.command)}", size=8.5, mono=True,
                 width=WIDTH - 0.6)  # fmt: skip
    lanes = _lanes(heard)
    _draw_lanes(canvas, lanes, FOOT + 0.12)
    top = canvas.height - HEAD - 0.08
    _draw_open(canvas, shown, lanes, top)
    for place, row in enumerate(shown):
        _arrow(canvas, row, lanes, top - ROW * place - 0.24)
    if not shown:
        canvas.write(EDGE + 0.2, top - 0.25, _label("silent"), colour=GREY)
    _legend(canvas, heard, len(rows) - len(shown))
    return canvas.figure


def _lanes(heard: Conversation) -> dict[str, float]:
    names = [CLIENT, DAEMON]
    if any(exchange.receiver == REGISTRY for exchange in heard.exchanges):
        names.append(REGISTRY)
    step = (WIDTH - 2 * EDGE) / (len(names) - 1)
    return {name: EDGE + step * place for place, name in enumerate(names)}


def _draw_lanes(canvas: Canvas, lanes: dict[str, float], foot: float) -> None:
    y = canvas.height - HEAD
    for name, x in lanes.items():
        look = LANES[name]
        canvas.line((x, x), (foot, y), colour=look.colour, width=1.4, dashed=True)
        canvas.box(x - 0.65, y, 1.3, 0.32, face=look.fill, edge=look.colour, round_=0.05)
        head = _label("registry_lane" if name == REGISTRY else name)
        canvas.write(x, y + 0.16, head, size=10, colour=look.colour, align="center")


def _draw_open(canvas: Canvas, rows: list[_Row], lanes: dict[str, float], top: float) -> None:
    """Draw beside the daemon's line how long answers and connections stay open."""
    place_of = 0
    for place, row in enumerate(rows):
        first = row.first
        if first.kind == "answer" or first.receiver != DAEMON:
            continue
        end = first.began + first.seconds
        last = max(i for i, other in enumerate(rows) if other.first.began <= end)
        x = lanes[DAEMON] + 0.07 + 0.13 * place_of
        place_of += 1
        begin, stop = top - ROW * place - 0.24, top - ROW * last - 0.42
        canvas.box(x, stop, 0.1, begin - stop, face=OPEN.fill, edge=OPEN.colour, line=0.9,
                   hatch="||||" if first.kind == "both ways" else "")  # fmt: skip


def _arrow(canvas: Canvas, row: _Row, lanes: dict[str, float], y: float) -> None:
    first = row.first
    if first.sender not in lanes or first.receiver not in lanes:
        return
    begin, end = lanes[first.sender] + 0.04, lanes[first.receiver] - 0.04
    if first.sender == DAEMON:
        begin += 0.4  # beside the bars of what stays open
    colour = LANES[first.receiver].colour
    canvas.line((begin, end), (y, y), colour=colour, width=1.5)
    _tip(canvas, end, y, 1, colour)
    if first.kind == "both ways":
        _tip(canvas, begin, y, -1, colour)
    status = _status(row)
    taken = measure(status, 8.5, True) + 0.12
    canvas.write(end - 0.13, y + 0.11, status, size=8.5, mono=True, align="right",
                 colour=_judged(first).colour)  # fmt: skip
    room = end - begin - taken - 0.25
    # which repository it is stands in the command
    path = re.sub(r"^/v2/.+(?=/(blobs|manifests)/)", "/v2/" + ELLIPSIS, first.path)
    canvas.write(begin + 0.2, y + 0.11, f"{first.method} {path}", size=8.5, mono=True, width=room)
    canvas.write(begin + 0.2, y - 0.1, style.drawable(meaning_of(first)), size=8.5, colour=GREY,
                 width=end - begin - 0.3)  # fmt: skip


def _status(row: _Row) -> str:
    times = f"×{len(row.exchanges)} " if len(row.exchanges) > 1 else ""
    return f"{times}{row.first.status or '–'}"


def _judged(exchange: Exchange) -> Look:
    return FAILED if exchange.status >= 500 or not exchange.status else Look(INK, "")


def _tip(canvas: Canvas, x: float, y: float, way: int, colour: str) -> None:
    outline = [(x, y), (x - way * 0.11, y + 0.055), (x - way * 0.11, y - 0.055)]
    canvas.axes.add_patch(Polygon(outline, color=colour))


def _legend(canvas: Canvas, heard: Conversation, more: int) -> None:
    x, y = 0.3, 0.2
    canvas.line((0.3, WIDTH - 0.3), (FOOT, FOOT), colour=FAINT, width=0.7)
    kinds = {exchange.kind for exchange in heard.exchanges if exchange.receiver == DAEMON}
    for kind, key, hatch in (
        ("stream", "stream", ""),
        ("both ways", "both_ways", "||||"),
    ):
        if kind in kinds:
            canvas.box(x, y - 0.07, 0.1, 0.15, face=OPEN.fill, edge=OPEN.colour, line=0.9,
                       hatch=hatch)  # fmt: skip
            x += 0.18 + canvas.write(x + 0.16, y, _label(key), size=8.5, colour=GREY) + 0.25
    if more:
        x += canvas.write(x, y, _label("more", count=more), size=8.5, colour=GREY) + 0.2
    if heard.stored:
        canvas.write(x, y, _label("stored"), size=8.5, colour=style.WASTE.colour,
                     width=WIDTH - x - 0.2)  # fmt: skip


def _label(key: str, **values: object) -> str:
    return style.drawable(said(key, **values))
