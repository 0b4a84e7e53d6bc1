"""Partitions and regions of AWS, as botocore's own data names them: nothing is asked of AWS.

The data come with boto3 and are as old as it is. Where a service is offered, AWS's page "AWS
Services by Region" decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import botocore.session

from ..errors import AwsFailed
from ..messages import text

__all__ = ["Partition", "Partitions", "Region", "offered", "partitions", "read"]


@dataclass(frozen=True)
class Region:
    """A region: its code, as ``cn-north-1``, and AWS's English name of it."""

    code: str
    title: str


@dataclass(frozen=True)
class Partition:
    """Regions that share accounts, names and addresses, and nothing with those of other partitions.

    Fields
    ------
    name: what stands in ARNs, as ``aws-cn``; title: AWS's name of it.
    suffix: what the names of its services end in.
    """

    name: str
    title: str
    suffix: str
    regions: tuple[Region, ...]

    def __str__(self) -> str:
        head = text("primer.regions.head", title=self.title, name=self.name)
        width = max(len(one.code) for one in self.regions)
        return "\n".join([head, *(f"  {one.code:<{width}}  {one.title}" for one in self.regions)])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


@dataclass(frozen=True)
class Partitions:
    """All partitions, as a table."""

    all: tuple[Partition, ...]

    def __str__(self) -> str:
        rows = [(one.name, str(len(one.regions)), f"arn:{one.name}:…", f"….{one.suffix}")
                for one in self.all]  # fmt: skip
        head = tuple(text(f"primer.partitions.{column}")
                     for column in ("name", "regions", "arn", "address"))  # fmt: skip
        return _table([head, *rows])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def partitions() -> Partitions:
    """Return all partitions that botocore knows."""
    return Partitions(_all())


def read(name: str = "aws") -> Partition:
    """Return one partition with its regions.

    Raises
    ------
    AwsFailed: there is no such partition.
    """
    for one in _all():
        if one.name == name:
            return one
    raise AwsFailed("primer.no_partition", name=name, known=", ".join(p.name for p in _all()))


def offered(service: str, partition: str = "aws") -> list[str]:
    """Return the regions for which botocore knows an address of a service.

    Services with one address for a whole partition, such as IAM, have none.

    Parameters
    ----------
    service: as in ``boto3.client``.

    Raises
    ------
    AwsFailed: there is no such partition.
    """
    read(partition)
    return _session().get_available_regions(service, partition)


@cache
def _session() -> botocore.session.Session:
    return botocore.session.Session()


@cache
def _all() -> tuple[Partition, ...]:
    data = _session().get_component("data_loader").load_data("endpoints")
    return tuple(
        Partition(
            one["partition"], one["partitionName"], one["dnsSuffix"],
            tuple(Region(code, told["description"]) for code, told in one["regions"].items()),
        )
        for one in data["partitions"]
    )  # fmt: skip


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Lay out rows in columns; a Chinese character is as wide as two others."""
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = ("  ".join(cell + " " * (wide - _width(cell)) for cell, wide in
                       zip(row, widths, strict=True)).rstrip() for row in rows)  # fmt: skip
    return "\n".join(lines)


def _width(value: str) -> int:
    return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in value)
