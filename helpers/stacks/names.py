"""What a name in an overlay network leads to, asked in a container."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..messages import text
from ..text import padded, plain
from .watching import Swarm

__all__ = ["Name", "Names", "lookup"]


@dataclass(frozen=True)
class Name:
    """One name and the addresses that the network's DNS gave for it."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """Names that were looked up in one container."""

    rows: tuple[Name, ...]

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return next(row.addresses for row in self.rows if row.name == name)

    def __str__(self) -> str:
        wide = max((len(row.name) for row in self.rows), default=0)
        return "\n".join(
            f"{padded(plain(row.name), wide)}  {_counted(len(row.addresses))}" for row in self.rows
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def _counted(count: int) -> str:
    return text(f"stacks.addresses.{'one' if count == 1 else 'many' if count else 'none'}",
                count=count)  # fmt: skip


def lookup(cluster: Swarm, task: str, *names: str) -> Names:
    """Ask in the container of a task which addresses names have (``getent ahostsv4``).

    The result shows how many there are; the addresses themselves are in `Names.rows`.
    """
    rows = []
    for name in names:
        print(f"{plain(task)} $ getent ahostsv4 {plain(name)}", flush=True)
        # `|| true`: a name that is not known is an answer, too
        command = ["sh", "-c", 'getent ahostsv4 "$1" || true', "sh", name]
        said = cluster.exec(task, command)
        rows.append(Name(name, tuple(dict.fromkeys(re.findall(r"^(\d+\.\d+\.\d+\.\d+)\s", said,
                                                              re.MULTILINE)))))  # fmt: skip
    return Names(tuple(rows))
