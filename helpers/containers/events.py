"""One event of the engine, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import labels
from ..text import plain
from .peek import ROLE

__all__ = ["KINDS", "Event", "Reader"]

MARK = f"{labels.NAMESPACE}.role"
# Those of the engine's events that tell of a container's life; others (attach, resize, …) do not.
KINDS = (
    "create", "start", "restart", "pause", "unpause", "kill", "oom", "die", "stop", "rename",
    "update", "exec_start", "exec_die", "health_status", "destroy",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One event, as the engine told it.

    Fields
    ------
    container: its name at that moment; untrusted text.
    id: the container's.
    kind: one of `KINDS`.
    seconds: since the recording began, by the engine's clock.
    detail: the signal of a ``kill`` (``"15"``), the exit code of a ``die`` or ``exec_die``, the
        command of an ``exec_start``, the state of a ``health_status``; otherwise ``""``.
    told: False for an ``oom`` that the engine missed and the kernel's log holds.
    """

    container: str
    id: str
    kind: str
    seconds: float
    detail: str = ""
    told: bool = True


class Reader:
    """Turns what the engine streams into events: the wanted containers', without health probes.

    Parameters
    ----------
    names: of the containers that count; empty: all of the course.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = frozenset(names)
        self._checks: dict[str, str] = {}
        self._probes: set[str] = set()

    def counts(self, marks: dict | None, names: list[str]) -> bool:
        """Whether a container with these labels and names is one of the wanted."""
        if not labels.ours(marks) or (marks or {}).get(MARK) == ROLE:
            return False
        return not self._names or not self._names.isdisjoint(n.lstrip("/") for n in names)

    def knows(self, found: dict) -> None:
        """Take note of a container's health check, so that its probes are recognised."""
        test = (found["Config"].get("Healthcheck") or {}).get("Test") or []
        words = test[1:] if test[:1] == ["CMD"] else ["/bin/sh", "-c", *test[1:]]
        self._checks[found["Id"]] = " ".join(words)

    def read(self, told: list[dict], began: float) -> list[Event]:
        """Return the events in the order of their times.

        Parameters
        ----------
        told: as the engine streams them.
        began: seconds since 1970, by the engine's clock: the zero of their times.
        """
        found = [self._one(one, began) for one in sorted(told, key=lambda one: one["timeNano"])]
        return [event for event in found if event is not None]

    def _one(self, told: dict, began: float) -> Event | None:
        notes = told["Actor"].get("Attributes") or {}
        kind, _, rest = told["Action"].partition(":")
        name, identifier = notes.get("name", ""), told["Actor"]["ID"]
        if kind not in KINDS or not self.counts(notes, [name]):
            return None
        if kind.startswith("exec_") and self._is_probe(identifier, notes, rest.strip()):
            return None
        detail = {
            "kill": notes.get("signal", ""),
            "die": notes.get("exitCode", ""),
            "exec_die": notes.get("exitCode", ""),
        }.get(kind, rest.strip())
        seconds = told["timeNano"] / 1e9 - began
        return Event(plain(name), identifier, kind, seconds, plain(detail))

    def _is_probe(self, identifier: str, notes: dict, command: str) -> bool:
        """Whether an exec was started by the health check; its end does not name the command."""
        if command and command == self._checks.get(identifier):
            self._probes.add(notes.get("execID", ""))
        return notes.get("execID") in self._probes
