"""A class at one moment, as plain data: who is where, and who is stuck at the same spot."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Count", "Group", "Learner", "Overview", "Standing"]


@dataclass(frozen=True)
class Learner:
    """Somebody who joined; ``number`` counts in order of joining, times are of the epoch."""

    number: int
    name: str
    joined: float
    heard: float


@dataclass(frozen=True)
class Standing:
    """Where a learner is with one exercise.

    Parameters
    ----------
    learner: the number.
    tries: verdicts so far.
    right: the last of them.
    through: when it was right for the first time, or None.
    first, last: when the first and the last of them was given.
    message: the key of what the last one said.
    same: how many in a row said that; ``since``: when the first of these did.
    """

    learner: int
    exercise: str
    tries: int
    right: bool
    through: float | None
    first: float
    last: float
    message: str
    same: int
    since: float


@dataclass(frozen=True)
class Count:
    """How many are through with an exercise, and how many have tried and are not."""

    exercise: str
    through: int
    trying: int


@dataclass(frozen=True)
class Group:
    """Learners who see the same message at the exercise that they are on; the longest first."""

    exercise: str
    message: str
    members: tuple[Standing, ...]

    @property
    def since(self) -> float:
        """When the first of them saw it first."""
        return self.members[0].since


@dataclass(frozen=True)
class Overview:
    """All of a class at the time ``at``."""

    name: str
    at: float
    learners: tuple[Learner, ...]
    standings: tuple[Standing, ...]

    def place(self, learner: int) -> Standing | None:
        """Return where a learner is: the exercise that was checked last."""
        own = [one for one in self.standings if one.learner == learner]
        return max(own, key=lambda one: (one.last, one.exercise), default=None)

    def through(self, learner: int) -> int:
        """Return how many exercises a learner is through with."""
        return sum(1 for one in self.standings if one.learner == learner and one.through)

    def counts(self) -> list[Count]:
        """Return the exercises that somebody has tried, in order."""
        found = []
        for exercise in sorted({one.exercise for one in self.standings}, key=_order):
            here = [one for one in self.standings if one.exercise == exercise]
            through = sum(1 for one in here if one.through)
            found.append(Count(exercise, through, len(here) - through))
        return found

    def groups(self) -> list[Group]:
        """Return who is not through where they are, by exercise and message, the longest first."""
        found: dict[tuple[str, str], list[Standing]] = {}
        for learner in self.learners:
            place = self.place(learner.number)
            if place and not place.right and not place.through:
                found.setdefault((place.exercise, place.message), []).append(place)
        groups = [
            Group(*spot, tuple(sorted(members, key=lambda one: (one.since, one.learner))))
            for spot, members in found.items()
        ]
        return sorted(groups, key=lambda one: (one.since, one.exercise, one.message))


def _order(exercise: str) -> tuple[str, int]:
    lesson, _, number = exercise.partition(".")
    return lesson, int(number)
