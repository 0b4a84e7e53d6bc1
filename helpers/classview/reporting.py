"""Tell the instructor's machine about verdicts, without a learner ever waiting for it.

``tell`` puts an event into a short queue and returns. A thread of the kernel sends what waits, in
order; while the machine cannot be reached it tries again, less and less often, as long as the
kernel lives. What the queue cannot hold is dropped, oldest first.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass

from ..errors import ClassFailed
from . import code, contract, membership, sending
from .contract import Event, Report

__all__ = ["Reporter", "State", "state", "tell"]

MOST = 200  # events that wait
PAUSES = (2, 5, 15, 60)  # seconds after the first failure, the second, …; then always the last
_LATER = {429, 500, 502, 503, 504}  # the machine is busy; any other refusal stays one


@dataclass(frozen=True)
class State:
    """What became of this kernel's events: how many were sent, how many wait, and the last trouble.

    ``trouble`` is a message key below ``classview.trouble``, or ``""``.
    """

    sent: int
    waiting: int
    trouble: str


@dataclass(frozen=True)
class _Waiting:
    seat: str
    id: str
    exercise: str
    right: bool
    message: str
    at: float  # by the wall clock: a laptop that slept has not stopped it


class Reporter:
    """A queue and the thread that empties it; ``pauses`` are for tests."""

    def __init__(self, pauses: tuple[float, ...] = PAUSES) -> None:
        self._pauses = pauses
        self._queue: deque[_Waiting] = deque(maxlen=MOST)
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._sent, self._trouble = 0, ""
        self._most = contract.MOST_EVENTS  # in one report

    def tell(self, exercise: str, right: bool, message: str) -> None:
        """Hand over a verdict, if this machine joined a class; never wait for the network."""
        joined = membership.current()
        if joined is None or not contract.known(exercise, message):
            return
        event = (secrets.token_hex(8), exercise, right, message, time.time())
        with self._changed:
            self._queue.append(_Waiting(joined.seat, *event))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="class", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def state(self) -> State:
        """Return how it goes."""
        with self._changed:
            return State(self._sent, len(self._queue), self._trouble)

    def _run(self) -> None:
        failed = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue)
            try:
                good = self._send()
            except Exception:  # it would be printed into the learner's notebook
                self._note("unreachable")
                good = False
            if good:
                failed = 0
                continue
            pause = self._pauses[min(failed, len(self._pauses) - 1)]
            failed += 1
            with self._changed:  # a new verdict is a good moment to try again
                self._changed.wait(pause)

    def _send(self) -> bool:
        """Send what waits, as much as goes into one report; return whether to go on at once."""
        joined = membership.current()
        with self._changed:
            # Who left, or joined another class since, does not report what was before.
            seat = joined.seat if joined else None
            kept = [one for one in self._queue if one.seat == seat]
            self._queue = deque(kept, MOST)
            batch = kept[: self._most]
        if not batch:
            return True
        now = time.time()
        events = tuple(
            Event(e.id, e.exercise, e.right, e.message, round(max(0.0, now - e.at), 1))
            for e in batch
            if now - e.at < contract.OLDEST
        )
        report = Report(joined.name, joined.seat, events)
        try:
            answer = sending.post(code.read(joined.code), "/report", report.write())
        except ClassFailed as error:
            self._note(error.key.removeprefix("classview."))
            return False
        if answer.status in _LATER:
            self._note("busy")
            return False
        if answer.status == 400 and len(batch) > 1:
            # The other course is older and does not know one of these; alone, it costs no other.
            self._most = 1
            return True
        ids = {one.id for one in batch}
        with self._changed:
            self._queue = deque((one for one in self._queue if one.id not in ids), MOST)
            good = answer.status == 200
            self._sent += len(batch) if good else 0
            self._trouble = "" if good else "refused"
            self._most = self._most if self._queue else contract.MOST_EVENTS
        return True

    def _note(self, trouble: str) -> None:
        with self._changed:
            self._trouble = trouble


_reporter = Reporter()


def tell(exercise: str, right: bool, message: str) -> None:
    """Hand a verdict to this kernel's reporter. Nothing that goes wrong here reaches a learner.

    Parameters
    ----------
    exercise: its id.
    right: whether the check was satisfied.
    message: the key of what the check said.
    """
    # Whatever it is: a verdict does not depend on the instructor's machine.
    with contextlib.suppress(Exception):
        _reporter.tell(exercise, right, message)


def state() -> State:
    """Return how this kernel's reporting goes."""
    return _reporter.state()
