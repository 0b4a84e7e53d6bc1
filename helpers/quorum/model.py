"""What happened to a group of members, step by step; figures draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["LOST", "STUCK", "WORKS", "Step", "majority"]

WORKS = "works"  # it knows a leader, so it takes writes and reads
STUCK = "stuck"  # it runs, and too few others do: there is no leader
LOST = "lost"  # it does not run


@dataclass(frozen=True)
class Step:
    """One order, and how the members were after it.

    Fields
    ------
    order: ``"start"``, ``"lose"``, ``"back"``, ``"write"`` or ``"read"``.
    what: the zone that was lost or came back, or what was written or read: ``"colour=blue"``.
    states: by zone, `WORKS`, `STUCK` or `LOST`.
    done: whether a write or a read went well; None for the other orders.
    stale: whether a read was answered by one member alone, without asking the others.
    """

    order: str
    what: str
    states: Mapping[str, str]
    done: bool | None = None
    stale: bool = False


def majority(members: int) -> int:
    """Return how many of so many members have to agree: more than half."""
    return members // 2 + 1
