"""The lives of containers, told by the engine's events: which state they were in, and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..messages import text
from .events import Event
from .recording import Recording

__all__ = ["Life", "Span", "Timeline", "timeline"]

State = Literal["created", "running", "paused", "restarting", "exited"]
AFTER: dict[str, State] = {
    "create": "created",
    "start": "running",
    "pause": "paused",
    "unpause": "running",
    "die": "exited",
}
# What the engine tells in either order because two of its parts tell it.
SWAPPED = {("stop", "die"), ("die", "oom"), ("destroy", "die"), ("destroy", "stop")}
SAME = 0.5  # seconds within which two such events belong together


@dataclass(frozen=True)
class Span:
    """A stretch of time in one state.

    Fields
    ------
    state: ``"restarting"`` is the wait before a start by the restart policy.
    start, end: seconds since the recording began.
    code: the exit code, of an ``"exited"`` or ``"restarting"`` one.
    """

    state: State
    start: float
    end: float
    code: int | None = None


@dataclass(frozen=True)
class Life:
    """The life of one container, as far as it was recorded.

    Fields
    ------
    name: untrusted text.
    spans: one after another.
    events: in order; where the engine tells two in either order (``die`` and ``stop``), always in
        the same one.
    removed: when it was removed, in seconds; None if it was still there.
    starts: how often it was started.
    restarts: how many of these starts were by the restart policy.
    """

    name: str
    spans: tuple[Span, ...]
    events: tuple[Event, ...]
    removed: float | None
    starts: int
    restarts: int


@dataclass(frozen=True)
class Timeline:
    """The lives of containers side by side; `helpers.figures.timeline` draws it.

    Fields
    ------
    lives: in the order in which they began.
    seconds: how long the recording lasted.
    gaps: ``(from, to)`` in seconds, while the engine did not answer.
    """

    lives: tuple[Life, ...]
    seconds: float
    gaps: tuple[tuple[float, float], ...] = ()

    def of(self, name: str) -> Life:
        """Return the last life under this name; KeyError if there is none."""
        for life in reversed(self.lives):
            if life.name == name:
                return life
        raise KeyError(name)

    def __str__(self) -> str:
        key = "one" if len(self.lives) == 1 else "many"
        return text(f"containers.timeline.{key}", count=len(self.lives))

    __repr__ = __str__


def timeline(recording: Recording) -> Timeline:
    """Return the lives of the recorded containers.

    A container that was there before under the name of a new one is left out: it was only removed
    to make room, and a cell that runs twice tells the same story twice.
    """
    by_id: dict[str, list[Event]] = {}
    for event in recording.events:
        by_id.setdefault(event.id, []).append(event)
    made = {e.container for e in recording.events if e.kind == "create"}
    lives = []
    for identifier, events in by_id.items():
        if identifier in recording.existed and events[0].container in made:
            continue
        lives.append(_life(recording, identifier, _in_order(events)))
    lives.sort(key=lambda life: life.events[0].seconds)
    return Timeline(tuple(lives), recording.seconds, tuple(recording.gaps))


def _in_order(events: Iterable[Event]) -> list[Event]:
    found = list(events)
    for i in range(len(found) - 1):
        for j in range(i, -1, -1):
            one, two = found[j], found[j + 1]
            if (one.kind, two.kind) not in SWAPPED or two.seconds - one.seconds > SAME:
                break
            found[j], found[j + 1] = two, one
    return _once(found)


def _once(events: list[Event]) -> list[Event]:
    """Leave one of several out-of-memory events of one death: one is told for each process."""
    kept: list[Event] = []
    for event in events:
        if event.kind == "oom" and any(e.kind == "oom" for e in _since_start(kept)):
            continue
        kept.append(event)
    return kept


def _since_start(events: list[Event]) -> list[Event]:
    starts = [place for place, event in enumerate(events) if event.kind == "start"]
    return events[starts[-1] :] if starts else events


def _life(recording: Recording, identifier: str, events: list[Event]) -> Life:
    found = recording.found.get(identifier, {})
    policy = (found.get("HostConfig", {}).get("RestartPolicy") or {}).get("Name", "")
    spans: list[Span] = []
    state, since, code = _before(events[0]), 0.0, None
    restarts, removed = 0, None
    for place, event in enumerate(events):
        if event.kind == "destroy":
            removed = event.seconds
        new = AFTER.get(event.kind)
        if new == "exited" and _comes_back(events, place, policy, found, identifier, recording):
            new = "restarting"
        if event.kind == "start" and state == "restarting":
            restarts += 1
        if new is None and removed is None:
            continue
        if state is not None:
            spans.append(Span(state, since, event.seconds, code))
        if removed is not None:
            state = None
            break
        state, since = new, event.seconds
        code = int(event.detail or 0) if event.kind == "die" else None
    if state is not None:
        spans.append(Span(state, since, recording.seconds, code))
    starts = sum(event.kind == "start" for event in events)
    return Life(events[0].container, tuple(spans), tuple(events), removed, starts, restarts)


def _before(first: Event) -> State | None:
    """Return the state that a container must have been in for its first event."""
    if first.kind == "create":
        return None
    if first.kind == "unpause":
        return "paused"
    return "exited" if first.kind in ("start", "destroy") else "running"


def _comes_back(
    events: list[Event], place: int, policy: str, found: dict, identifier: str, recording: Recording
) -> bool:
    """Whether the restart policy starts it again after it has died at ``place``."""
    if policy in ("", "no"):
        return False
    asked = [e.kind for e in _since_start(events[:place])]
    if "kill" in asked or "stop" in asked:  # somebody wanted it to end, or to be restarted
        return False
    later = [e.kind for e in events[place + 1 :] if e.kind in ("start", "destroy")]
    if later:
        return later[0] == "start"
    return identifier in recording.present and bool(found.get("State", {}).get("Restarting"))
