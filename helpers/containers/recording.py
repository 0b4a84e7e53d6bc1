"""What the engine says about containers while something is done with them, recorded."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field, replace

import docker

from ..engine import Engine, clock, connect, labels
from ..engine.connection import _client
from ..engine.patience import patient
from ..errors import CourseError
from ..messages import text
from .events import Event, Reader
from .oom import KILLED, was_oom_killed

__all__ = ["Recording", "record"]

ANSWER = 30  # seconds for one look
PAUSE = 0.4  # seconds between two looks for what is not there yet
AHEAD = 0.5  # seconds for which the engine is listened to, and then asked for new containers
LATE = 5.0  # seconds in which the last events have to arrive
OVERLAP = 2.0  # seconds that are asked for once more: an event is told after it has happened
FILTERS = {"type": "container", "label": labels.COURSE}


@dataclass
class Recording:
    """The engine's events about containers; recorded while a ``with`` block runs.

    Other people's containers are not recorded, nor are the probes of a health check.

    Fields
    ------
    names: of the containers to record; none: all of the course.
    events: in the order of their times; complete when the block has ended.
    found: what the engine told of each container, by its ID, when it was seen last.
    existed: the IDs of the containers that were there when the recording began.
    present: the IDs of those that were there when it ended.
    seconds: how long it lasted.
    gaps: ``(from, to)`` in seconds, while the engine did not answer.
    """

    names: tuple[str, ...]
    engine: Engine = field(repr=False)
    events: list[Event] = field(default_factory=list)
    found: dict[str, dict] = field(default_factory=dict, repr=False)
    existed: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    seconds: float = 0.0
    gaps: list[tuple[float, float]] = field(default_factory=list)

    def __enter__(self) -> Recording:
        # a connection of its own: the cell uses the other one at the same time
        self._own = Engine(self.engine.endpoint, _client(self.engine.endpoint))
        self._reader = Reader(self.names)
        self._raw: dict[tuple, dict] = {}
        self._done = threading.Event()
        self._silent: float | None = None
        self.existed = self._look()
        self._began = clock.now(self._own)
        self._ahead = self._began - time.time()  # of the engine's clock before this one
        self._since = self._began
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._done.set()
        self._thread.join(ANSWER)
        # an error in the cell is more telling than that its recording is not whole
        quiet = contextlib.suppress(CourseError) if kind else contextlib.nullcontext()
        try:
            with quiet:
                self._finish()
        finally:
            self._own.client.close()

    def __str__(self) -> str:
        count = len(self.events)
        return text(f"containers.recorded.{'one' if count == 1 else 'many'}", count=count)

    __repr__ = __str__

    def _finish(self) -> None:
        """Read until the events have led to the states that the containers are in."""
        deadline = time.monotonic() + LATE
        while True:
            self._collect()
            self.present = self._look()
            self._end_gap()
            self.events = self._reader.read([*self._raw.values()], self._began)
            if self._is_complete() or time.monotonic() > deadline:
                break
            time.sleep(PAUSE / 4)
        self.seconds = self._now()
        self._add_missed()

    def _now(self) -> float:
        """Seconds since the recording began, by the engine's clock."""
        return time.time() + self._ahead - self._began

    @property
    def silent(self) -> bool:
        """Whether the engine does not answer just now."""
        return self._silent is not None

    def _follow(self) -> None:
        while not self._done.is_set():
            try:
                self._collect(AHEAD)
                self._look(again=False)
            except (CourseError, docker.errors.DockerException):
                self._silent = self._now() if self._silent is None else self._silent
                self._done.wait(PAUSE)
                continue
            self._end_gap()

    def _end_gap(self) -> None:
        if self._silent is not None:
            self.gaps.append((self._silent, self._now()))
            self._silent = None

    def _collect(self, ahead: float = 0.0) -> None:
        """Read the events since the last look, and those of the next ``ahead`` seconds.

        They are kept as they come: a daemon that stops forgets them. Asking twice for the same
        ones does no harm.
        """
        until = self._began + self._now() + ahead
        with patient(self._own, ANSWER) as api:
            stream = api.events(
                since=f"{self._since:.6f}", until=f"{until:.6f}", filters=FILTERS, decode=True
            )
            for told in stream:
                key = (told["timeNano"], told["Actor"]["ID"], told["Action"])
                self._raw.setdefault(key, told)
        self._since = max(self._began, until - OVERLAP)

    def _look(self, *, again: bool = True) -> frozenset[str]:
        """Ask for the containers that are there, and for the state of each (or of new ones)."""
        here = set()
        with patient(self._own, ANSWER) as api:
            for row in api.containers(all=True, filters=labels.FILTER):
                if not self._reader.counts(row.get("Labels"), row["Names"]):
                    continue
                here.add(row["Id"])
                if again or row["Id"] not in self.found:
                    with contextlib.suppress(docker.errors.NotFound):
                        self.found[row["Id"]] = api.inspect_container(row["Id"])
                        self._reader.knows(self.found[row["Id"]])
        return frozenset(here)

    def _is_complete(self) -> bool:
        for identifier in {event.id for event in self.events}:
            kinds = [event.kind for event in self.events if event.id == identifier]
            ends = [kind for kind in kinds if kind in ("start", "die", "destroy")]
            if identifier not in self.present:
                if "destroy" not in ends:
                    return False
                continue
            ended = self.found[identifier]["State"]["Status"] in ("exited", "dead")
            if ended and "start" in ends and ends[-1] != "die":
                return False
        return True

    def _add_missed(self) -> None:
        """Add the out-of-memory event that the engine missed; see `helpers.containers.oom`."""
        for identifier in self.present:
            mine = [event for event in self.events if event.id == identifier]
            dies = [event for event in mine if event.kind == "die"]
            if not dies or dies[-1].detail != str(KILLED) or any(e.kind == "oom" for e in mine):
                continue
            with contextlib.suppress(CourseError):
                if was_oom_killed(self._own, self.found[identifier]):
                    place = self.events.index(dies[-1])
                    seen = replace(dies[-1], kind="oom", detail="", told=False)
                    self.events.insert(place, seen)


def record(*names: str, engine: Engine | None = None) -> Recording:
    """Record what the engine tells about containers while a ``with`` block runs.

    ::

        with containers.record("lbl-04-life") as seen:
            containers.run(image, "sleep 60", "lbl-04-life", detach=True)
            containers.stop("lbl-04-life")
        figures.timeline(containers.timeline(seen))

    Parameters
    ----------
    names: of the containers; they need not exist yet. None: every container of the course.

    Raises
    ------
    EngineLost: the daemon did not answer when the block began or ended. In between it may go and
        come back; what happened then is not known, and the recording says when that was.
    """
    return Recording(names, engine or connect())
