"""A class in words, in the language of whoever looks: what the terminal and the page both show."""

from __future__ import annotations

import string
from dataclasses import dataclass

from .. import messages
from ..messages import text
from ..text import plain
from .contract import exercise_key
from .model import Count, Group, Learner, Overview, Standing

__all__ = ["Told", "labels", "tell", "without_values"]


@dataclass(frozen=True)
class Spot:
    """A group that is stuck: the exercise, what the check says, who, and what could be said."""

    key: str
    exercise: str
    count: str
    words: str
    members: tuple[str, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One exercise or one learner: a cell for each column."""

    cells: tuple[str, ...]
    waiting: bool = False  # not through yet


@dataclass(frozen=True)
class Told:
    """All that is shown of a class; untrusted text in it is plain, and not yet escaped."""

    heading: str
    summary: str
    spots: tuple[Spot, ...]
    exercise_head: tuple[str, ...]
    exercises: tuple[Row, ...]
    learner_head: tuple[str, ...]
    learners: tuple[Row, ...]


def without_values(key: str) -> str:
    """Return a message with … where its values would stand; they were never sent."""
    found = messages.catalogue().get(key, {}).get(messages.language(), key)
    parts = string.Formatter().parse(found)
    return "".join(literal + ("" if name is None else "…") for literal, name, *_ in parts)


def title(exercise: str) -> str:
    """Return an exercise's number and title."""
    key = f"{exercise_key(exercise)}.title"
    return f"{exercise} · {text(key)}" if messages.has(key) else exercise


def labels(learners: tuple[Learner, ...], names: bool) -> dict[int, str]:
    """Return what each learner is called: a name, or a number where names are hidden.

    Two of the same name are told apart by a number.
    """
    found, seen = {}, {}
    for learner in learners:
        if not names:
            found[learner.number] = text("classview.learner", number=learner.number)
            continue
        name = plain(learner.name)
        seen[name.casefold()] = count = seen.get(name.casefold(), 0) + 1
        found[learner.number] = name if count == 1 else f"{name} ({count})"
    return found


def since(seconds: float) -> str:
    """Return how long something has taken, in words."""
    minutes = max(0, int(seconds // 60))
    if minutes < 1:
        return text("classview.time.now")
    if minutes < 60:
        return text("classview.time.minutes", minutes=minutes)
    if minutes < 24 * 60:
        return text("classview.time.hours", hours=minutes // 60, minutes=minutes % 60)
    return text("classview.time.days", days=minutes // (24 * 60))


def tell(overview: Overview, *, names: bool = True) -> Told:
    """Put a class into words.

    Parameters
    ----------
    names: False hides them, for a projector.
    """
    called = labels(overview.learners, names)
    groups = overview.groups()
    stuck = sum(len(group.members) for group in groups)
    joined = len(overview.learners)
    return Told(
        text("classview.heading", name=overview.name),
        text("classview.summary", joined=joined, stuck=stuck),
        tuple(_spot(group, overview, called) for group in groups),
        tuple(text(f"classview.column.{c}") for c in ("exercise", "through", "trying")),
        tuple(_exercise(count, joined) for count in overview.counts()),
        tuple(
            text(f"classview.column.{column}")
            for column in ("name", "at", "state", "tries", "same", "heard", "solved")
        ),
        tuple(_learner(one, overview, called) for one in overview.learners),
    )


def _spot(group: Group, overview: Overview, called: dict[int, str]) -> Spot:
    longest = since(overview.at - group.since)
    return Spot(
        f"{group.exercise} {group.message}",
        title(group.exercise),
        text("classview.group", count=len(group.members), longest=longest),
        without_values(group.message),
        tuple(_member(one, overview, called) for one in group.members),
        _hints(group.exercise),
    )


def _member(one: Standing, overview: Overview, called: dict[int, str]) -> str:
    return text(
        "classview.member",
        name=called[one.learner],
        time=since(overview.at - one.since),
        tries=one.same,
    )


def _hints(exercise: str) -> tuple[str, ...]:
    found = []
    while messages.has(key := f"{exercise_key(exercise)}.hint{len(found) + 1}"):
        found.append(text(key))
    return tuple(found)


def _exercise(count: Count, joined: int) -> Row:
    width = 10
    full = count.through * width // max(1, joined)
    through = text("classview.of", through=count.through, joined=joined)
    bar = "█" * full + "░" * (width - full)
    return Row((title(count.exercise), f"{bar} {through}", str(count.trying)), count.trying > 0)


def _learner(learner: Learner, overview: Overview, called: dict[int, str]) -> Row:
    heard = text("classview.ago", time=since(overview.at - learner.heard))
    name, place = called[learner.number], overview.place(learner.number)
    if place is None:
        nothing = "–"
        return Row((name, nothing, text("classview.state.none"), "0", nothing, heard, "0"))
    through = place.right or place.through is not None
    state = text(f"classview.state.{'through' if through else 'trying'}")
    same = "–" if through else since(overview.at - place.since)
    solved = str(overview.through(learner.number))
    cells = (name, place.exercise, state, str(place.tries), same, heard, solved)
    return Row(cells, not through)
