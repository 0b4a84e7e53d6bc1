"""The bill of a month: a bar for each tag, in it what the money goes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from matplotlib.figure import Figure

from ..messages import text
from ..text import money
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .rows import one_line
from .style import BASE, CHANGED, CONFIG, FAILED, GREY, LAYER, RAN, SHARED, WASTE, Look

WIDTH, LEFT = 8.6, 0.3
NAMES = 1.3  # inches for a tag
LONGEST = 5.6  # inches of the longest bar
ROW, KEY = 0.5, 0.26
MOST = 8  # tags, and prices, that are drawn
# Colour and hatch of each price, so that either tells it.
LOOKS = (
    LAYER, SHARED, WASTE, Look(CHANGED.colour, CHANGED.fill, hatch="\\\\"),
    Look(CONFIG.colour, CONFIG.fill, hatch="oo"), Look(FAILED.colour, FAILED.fill, hatch="++"),
    RAN, BASE,
)  # fmt: skip


class Priced(Protocol):
    """A price, as in `helpers.aws.costs`."""

    id: str
    name: str
    usd: Decimal | None


class Counted(Protocol):
    price: Priced
    count: Decimal


class Lined(Protocol):
    tag: str
    item: Counted
    usd: Decimal


class Billed(Protocol):
    """What `helpers.aws.costs.month` returns."""

    lines: Sequence[Lined]
    region: str
    seen: str
    total: Decimal
    by_tag: Mapping[str, Decimal]


def bill(found: Billed) -> Drawing:
    """Draw the bill of a month: for each tag a bar, the dearest first, and below what is in them.

    Parameters
    ----------
    found: what `helpers.aws.costs.month` worked out. Tags are untrusted text. The words are the
        whole bill, the picture shows the eight dearest tags and prices.
    """
    words = str(found) if found.lines else text("costs.bill.empty")
    title = words.splitlines()[0]
    with style.look():
        figure = _draw(found)
    return Drawing(figure, title, words)


def _prices(found: Billed) -> dict[str, tuple[Priced, Decimal, Decimal]]:
    """Price → its name, how much of it, and USD, over all tags; the dearest first."""
    sums: dict[str, tuple[Priced, Decimal, Decimal]] = {}
    for line in found.lines:
        price = line.item.price
        _, count, usd = sums.get(price.id, (price, Decimal(0), Decimal(0)))
        sums[price.id] = (price, count + line.item.count, usd + line.usd)
    return dict(sorted(sums.items(), key=lambda pair: -pair[1][2]))


def _draw(found: Billed) -> Figure:
    tags = list(found.by_tag.items())[:MOST]
    sums = _prices(found)
    shown = list(sums)[:MOST]
    rest = sum((usd for name, (_, _, usd) in sums.items() if name not in shown), Decimal(0))
    keys = len(shown) + (len(sums) > len(shown))
    canvas = Canvas(WIDTH, 0.75 + ROW * max(len(tags), 1) + 0.2 + KEY * keys)
    top = canvas.height
    canvas.write(LEFT, top - 0.22, _label("headline", total=money(found.total)), size=12)
    given = _label("given", region=found.region, seen=found.seen)
    canvas.write(LEFT, top - 0.46, given, size=8.5, colour=GREY, width=WIDTH - 2 * LEFT)
    most = max([usd for _, usd in tags], default=Decimal(0)) or Decimal(1)
    y = top - 0.7
    for tag, usd in tags:
        y -= ROW
        canvas.write(LEFT, y + ROW / 2, one_line(_label("name", tag=tag), 60), width=NAMES - 0.1)
        _bar(canvas, y + 0.1, [one for one in found.lines if one.tag == tag], shown, most)
        end = LEFT + NAMES + LONGEST * float(usd / most)
        canvas.write(end + 0.08, y + ROW / 2, _label("row", usd=money(usd)), size=9)
    y -= 0.15
    for place, name in enumerate(shown):
        y -= KEY
        price, count, usd = sums[name]
        look = LOOKS[place]
        canvas.box(LEFT, y + 0.05, 0.34, 0.16, face=look.fill, edge=look.colour, hatch=look.hatch,
                   line=0.8)  # fmt: skip
        said = _label("key", name=price.name, count=f"{count.normalize():f}", price=f"{price.usd}",
                      usd=money(usd))  # fmt: skip
        canvas.write(LEFT + 0.46, y + KEY / 2, said, size=9, width=WIDTH - 2 * LEFT - 0.46)
    if keys > len(shown):
        y -= KEY
        said = _label("rest", usd=money(rest))
        canvas.write(LEFT + 0.46, y + KEY / 2, said, size=9)
    return canvas.figure


def _bar(
    canvas: Canvas, y: float, lines: Sequence[Lined], shown: Sequence[str], most: Decimal
) -> None:
    x = LEFT + NAMES
    canvas.line((x, x), (y - 0.08, y + 0.38), colour=GREY, width=0.8)
    order = {name: place for place, name in enumerate(shown)}
    for line in sorted(lines, key=lambda one: order.get(one.item.price.id, MOST)):
        length = LONGEST * float(line.usd / most)
        if not length:
            continue
        place = order.get(line.item.price.id)
        look = Look(GREY, style.PAPER) if place is None else LOOKS[place]
        canvas.box(x, y, length, 0.3, face=look.fill, edge=look.colour, hatch=look.hatch, line=0.8)
        x += length


def _label(key: str, **values: object) -> str:
    return style.drawable(text(f"costs.bill.{key}", **values))
