"""Requests and samples counted into slices of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .model import Load, Second

__all__ = ["SLICE", "Reply", "Sample", "count"]

SLICE = 0.5  # seconds


@dataclass(frozen=True)
class Reply:
    """What became of one request: ``seconds`` since the first one; ``version``: who answered."""

    seconds: float
    answered: bool
    version: str = ""


@dataclass(frozen=True)
class Sample:
    """How many replicas ran and were asked for at one moment, and how much they were used."""

    seconds: float
    replicas: int
    desired: int
    usage: float | None = None


def count(
    replies: Sequence[Reply],
    samples: Sequence[Sample] = (),
    *,
    seconds: float,
    unit: str = "",
    target: float | None = None,
) -> Load:
    """Return the load as slices of `SLICE` seconds, the empty ones included.

    Parameters
    ----------
    replies: in any order. One belongs to the slice in which it came, or in which it was given up.
    samples: in order. A slice shows the last one that was taken before its end.
    seconds: how long it took in all.
    unit, target: as in `Load`.
    """
    latest = max([seconds, *(one.seconds for one in replies)])
    number = int(latest // SLICE) + 1
    into: list[list[Reply]] = [[] for _ in range(number)]
    for reply in replies:
        into[int(max(reply.seconds, 0.0) // SLICE)].append(reply)
    over = []
    known: Sample | None = None
    waiting = list(samples)
    for place, own in enumerate(into):
        while waiting and waiting[0].seconds < (place + 1) * SLICE:
            known = waiting.pop(0)
        well = [one for one in own if one.answered]
        versions = Counter(one.version for one in well if one.version)
        over.append(Second(
            place * SLICE, len(well), len(own) - len(well), tuple(sorted(versions.items())),
            known.replicas if known else None, known.desired if known else None,
            known.usage if known else None,
        ))  # fmt: skip
    answered = sum(one.answered for one in replies)
    return Load(
        len(replies), answered, len(replies) - answered, tuple(over), SLICE, unit, target
    )  # fmt: skip
