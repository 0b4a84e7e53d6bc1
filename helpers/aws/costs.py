"""What things cost in AWS: an itemised note for a lesson, and the bill of a month that you name.

Nothing here asks AWS. Prices stand in ``costs.toml``, with their region, year and page; what is not
there is not guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from ..errors import AwsFailed, NotFound
from ..messages import text
from ..text import money

__all__ = ["HOURS", "Bill", "Item", "Line", "Note", "Price", "month", "note", "prices"]

FILE = Path(__file__).with_name("costs.toml")
HOURS = 730  # of a month, as AWS's price lists count


@dataclass(frozen=True)
class Price:
    """One price.

    Fields
    ------
    id: ``fargate-vcpu-hour``: what, and for how much of it.
    usd: for one unit; None where it depends on what is chosen.
    by: ``hour``, ``month`` or ``use``.
    source: the page where it stands today.
    """

    id: str
    by: str
    source: str
    usd: Decimal | None = None

    @property
    def name(self) -> str:
        return text(f"costs.price.{self.id}")

    def __str__(self) -> str:
        if self.usd is None:
            return text("costs.unknown", id=self.id, name=self.name, source=self.source)
        return text("costs.priced", id=self.id, name=self.name, usd=f"{self.usd}")


@dataclass(frozen=True)
class Item:
    """So much of something that has a price."""

    price: Price
    count: Decimal

    @property
    def hourly(self) -> Decimal:
        """USD an hour while it is there; 0 for what costs only as it is used."""
        if self.price.usd is None or self.price.by == "use":
            return Decimal(0)
        by = HOURS if self.price.by == "month" else 1
        return self.count * self.price.usd / by


@dataclass(frozen=True)
class Note:
    """What a lesson makes in a real account, item by item."""

    lesson: str
    items: tuple[Item, ...]
    region: str

    @property
    def hourly(self) -> Decimal:
        """USD an hour while all of it is there, without what costs by use."""
        return sum((one.hourly for one in self.items), Decimal(0))

    @property
    def unknown(self) -> tuple[Price, ...]:
        return tuple(one.price for one in self.items if one.price.usd is None)

    def __str__(self) -> str:
        home, seen = _read()["region"], _read()["seen"]
        lines = [text("costs.note.title", lesson=self.lesson, region=home, seen=seen)]
        for one in self.items:
            if one.price.usd is not None and one.price.by != "use":
                usd = one.count * one.price.usd
                lines.append(text(f"costs.note.{one.price.by}", name=one.price.name,
                                  count=f"{one.count}", price=f"{one.price.usd}",
                                  usd=f"{usd:.4f}"))  # fmt: skip
        if self.hourly:
            daily = money(24 * self.hourly)
            lines.append(text("costs.note.total", hourly=f"{self.hourly:.4f}", daily=daily))
        lines += [
            text("costs.note.use", name=one.price.name, usd=f"{one.price.usd}")
            for one in self.items
            if one.price.usd is not None and one.price.by == "use"
        ]
        lines += [text("costs.note.unknown", name=one.name, source=one.source)
                  for one in self.unknown]  # fmt: skip
        if self.region.startswith("cn-"):
            lines.append(text("costs.note.china", region=self.region))
        elif self.region != home:
            lines.append(text("costs.note.elsewhere", region=self.region))
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


@dataclass(frozen=True)
class Line:
    """One line of a bill: so much of something, for whoever ``tag`` names."""

    tag: str
    item: Item

    @property
    def usd(self) -> Decimal:
        return self.item.count * (self.item.price.usd or Decimal(0))


@dataclass(frozen=True)
class Bill:
    """The bill of a month, by tag and price: what was stated, times prices of a region and year."""

    lines: tuple[Line, ...]
    region: str
    seen: str

    @property
    def total(self) -> Decimal:
        return sum((line.usd for line in self.lines), Decimal(0))

    @property
    def by_tag(self) -> dict[str, Decimal]:
        """USD of each tag, the dearest first."""
        found: dict[str, Decimal] = {}
        for line in self.lines:
            found[line.tag] = found.get(line.tag, Decimal(0)) + line.usd
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def __str__(self) -> str:
        lines = [text("costs.bill.title", total=money(self.total), region=self.region,
                      seen=self.seen)]  # fmt: skip
        for tag, usd in self.by_tag.items():
            lines.append(text("costs.bill.tag", tag=tag, usd=money(usd)))
            for line in (one for one in self.lines if one.tag == tag):
                price = line.item.price
                count = f"{line.item.count.normalize():f}"
                lines.append(text("costs.bill.line", name=price.name, count=count,
                                  price=f"{price.usd}", usd=money(line.usd)))  # fmt: skip
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def prices() -> dict[str, Price]:
    """Return every price that the course knows, by its name."""
    return {
        name: Price(name, **{**told, "usd": Decimal(told["usd"]) if "usd" in told else None})
        for name, told in _read()["prices"].items()
    }


def note(lesson: str, region: str | None = None) -> Note:
    """Return what a lesson makes in a real account, and what that costs.

    Parameters
    ----------
    lesson: ``"14"``.
    region: where you would make it; the note says if its prices are others.

    Raises
    ------
    NotFound: the course has no note of that lesson.
    """
    known = _read()["lessons"]
    if lesson not in known:
        raise NotFound("costs.no_note", lesson=lesson, known=", ".join(known))
    items = tuple(Item(prices()[name], Decimal(count)) for name, count in known[lesson].items())
    return Note(lesson, items, region or _read()["region"])


def month(usage: Mapping[str, Mapping[str, float | int | str]]) -> Bill:
    """Work out the bill of a month from usage that you state.

    Parameters
    ----------
    usage: the value of a tag → what was used under it: ``{"14": {"fargate-vcpu-hour": 365}}``. The
        names are those of `prices`; a GB that was kept for half a month is 0.5.

    Raises
    ------
    NotFound: there is no such price, or it depends on what is chosen.
    AwsFailed: an amount is no number, or below zero.
    """
    lines = []
    for tag, used in usage.items():
        for name, count in used.items():
            price = prices().get(name)
            if price is None or price.usd is None:
                known = ", ".join(one for one, row in prices().items() if row.usd is not None)
                raise NotFound("costs.no_price", name=name, known=known)
            lines.append(Line(str(tag), Item(price, _amount(name, count))))
    return Bill(tuple(lines), _read()["region"], _read()["seen"])


def _amount(name: str, count: float | int | str) -> Decimal:
    try:
        found = Decimal(str(count))
    except InvalidOperation:
        raise AwsFailed("costs.no_amount", name=name) from None
    if not found.is_finite() or found < 0:
        raise AwsFailed("costs.no_amount", name=name)
    return found


@cache
def _read() -> dict:
    return tomllib.loads(FILE.read_text("utf-8"))
