"""Which bar of a story lies in which lane of its node's band, and where its name stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..healing.model import Bar, Story

__all__ = ["Placed", "Stay", "bands", "natural", "stays"]

GAP = 0.12  # inches between two stays in one lane: the sign of a cause stands there
_DIGITS = re.compile(r"([0-9]{1,9})")
EDGE = 0.1  # inches between a bar and its name beside it


@dataclass(frozen=True)
class Stay:
    """The time of one container on one node; ``bars`` are its states, in order."""

    task: str
    generation: int
    node: str
    bars: tuple[Bar, ...]

    @property
    def start(self) -> float:
        return self.bars[0].start

    @property
    def end(self) -> float:
        return max(bar.end for bar in self.bars)

    @property
    def version(self) -> str:
        return self.bars[-1].version

    @property
    def widest(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.end - bar.start)


@dataclass(frozen=True)
class Placed:
    """A stay with its lane; ``side`` is where its name stands: inside, right or left of the bar."""

    stay: Stay
    lane: int
    side: str


def stays(story: Story) -> list[Stay]:
    """Return the stays of a story, by their beginning and then by name."""
    found: dict[tuple[str, int, str], list[Bar]] = {}
    for bar in sorted(story.bars, key=lambda b: (b.start, b.end)):
        node = "" if bar.state == "waiting" else bar.node
        found.setdefault((bar.task, bar.generation, node), []).append(bar)
    made = [Stay(*key, tuple(bars)) for key, bars in found.items()]
    return sorted(made, key=lambda stay: (stay.start, natural(stay.task), stay.generation))


def natural(name: str) -> list[tuple[int, str]]:
    """Return a key that puts ``web.2`` before ``web.10``."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(name)]


def bands(
    found: Sequence[Stay],
    at: Callable[[float], float],
    width: Callable[[Stay], float],
    edge: float,
) -> list[Placed]:
    """Return the stays of one node in lanes, so that neither bars nor names lie on each other.

    Parameters
    ----------
    found: in order of their beginning.
    at: where a moment lies, in inches.
    width: how wide the name of a stay is, in inches.
    edge: where the picture ends, in inches: a name that would go beyond stands left of its bar.
    """
    ends: list[float] = []  # where each lane is free
    tasks: list[str] = []
    placed = []
    for stay in found:
        left, right = at(stay.start), max(at(stay.end), at(stay.start) + 0.04)
        need = width(stay)
        bar = stay.widest
        side = "inside"
        if at(bar.end) - at(bar.start) < need + 0.1:
            side = "right" if right + EDGE + need <= edge else "left"
        begin = left - EDGE - need if side == "left" else left
        until = right + EDGE + need if side == "right" else right
        free = [n for n, end in enumerate(ends) if end + GAP <= begin]
        # A task that comes back stays in its lane, so that the eye can follow it.
        lane = next((n for n in free if tasks[n] == stay.task), free[0] if free else len(ends))
        if lane == len(ends):
            ends.append(until)
            tasks.append(stay.task)
        else:
            ends[lane], tasks[lane] = until, stay.task
        placed.append(Placed(stay, lane, side))
    return placed
