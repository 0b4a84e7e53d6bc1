"""Requests sent to this machine alone, at a bounded rate, each of them counted."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from urllib.parse import urlsplit

from ..engine.patience import until
from ..errors import NetworkFailed, TimedOut
from .counting import Reply

__all__ = ["MOST_AT_ONCE", "MOST_PER_SECOND", "Sender"]

MOST_PER_SECOND = 50.0  # requests: a lesson shows what load does, it tests nobody's limits
MOST_AT_ONCE = 16  # requests without an answer; when so many are open, none is added
MOST_SECONDS = 300.0  # after that nothing is sent, whatever the caller forgot
REPLY = 30.0  # seconds after which a request counts as failed: a loaded machine is slow
IN_A_ROW, DOOR = 5, 60.0  # requests that a door must answer before it counts as open; seconds
HERE = ("127.0.0.1", "localhost", "::1")


class Sender:
    """Sends requests from its start to its end, in threads of its own.

    It is a context manager: at the end of the ``with`` block no request is under way any more.

    Parameters
    ----------
    address: of a server on this machine: ``http://127.0.0.1:49153``.
    plan: how many seconds long how many requests a second are sent; afterwards none. With a number
        alone, so many a second until the end of the block.
    path: what is asked for.

    Raises
    ------
    NetworkFailed: the address is not this machine's, or the rate is above `MOST_PER_SECOND`.
    """

    def __init__(
        self, address: str, plan: float | Sequence[tuple[float, float]], path: str = "/"
    ) -> None:
        found = urlsplit(address)
        if found.scheme != "http" or found.hostname not in HERE:
            raise NetworkFailed("healing.not_here", address=address)
        self.plan = [(MOST_SECONDS, float(plan))] if isinstance(plan, int | float) else list(plan)
        highest = max((rate for _, rate in self.plan), default=0.0)
        if highest > MOST_PER_SECOND:
            raise NetworkFailed("healing.too_many", asked=highest, most=int(MOST_PER_SECOND))
        self._host, self._port, self._path = found.hostname, found.port or 80, path
        self._replies: list[Reply] = []
        self._lock = threading.Lock()
        self._open = threading.Semaphore(MOST_AT_ONCE)
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(MOST_AT_ONCE, "request")
        self._clock = threading.Thread(target=self._send, name="requests", daemon=True)
        self.began = 0.0

    def __enter__(self) -> Sender:
        self.began = time.monotonic()
        self._clock.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._clock.join()
        self._pool.shutdown(wait=True)

    def settle(self) -> None:
        """Before the start: wait until the door answers several requests in a row, uncounted.

        After nodes were away, the gossip of their networks takes a while until a front door reaches
        all replicas again, and what comes next is not about that. A door that stays shut is not an
        error here: the requests that are counted will tell.
        """
        with contextlib.suppress(TimedOut):
            until(self._open_door, DOOR, "healing.waiting.replies", count=IN_A_ROW)

    def _open_door(self) -> bool:
        found = (ask(self._host, self._port, self._path) for _ in range(IN_A_ROW))
        return all(one is not None for one in found)  # an answer may name no version

    @property
    def seconds(self) -> float:
        """How long it has been sending."""
        return time.monotonic() - self.began

    @property
    def finished(self) -> bool:
        """Whether the plan has come to its end."""
        return not self._clock.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait until the plan has come to its end, at most so many seconds."""
        self._clock.join(seconds)

    @property
    def replies(self) -> tuple[Reply, ...]:
        """What became of the requests that are over so far."""
        with self._lock:
            return tuple(self._replies)

    def _send(self) -> None:
        due = 0.0
        start = 0.0
        for length, rate in self.plan:
            end = min(start + length, MOST_SECONDS)
            due = max(due, start)
            while rate > 0 and due < end:
                if self._stop.wait(max(due - self.seconds, 0.0)):
                    return
                if self._open.acquire(blocking=False):
                    self._pool.submit(self._ask)
                # What could not be sent in time is left out, not sent in a bunch later.
                due = max(due + 1 / rate, self.seconds)
            if self._stop.wait(max(end - self.seconds, 0.0)):
                return
            start = end

    def _ask(self) -> None:
        try:
            found = ask(self._host, self._port, self._path)
        finally:
            self._open.release()
        with self._lock:
            self._replies.append(Reply(self.seconds, found is not None, found or ""))


def ask(host: str, port: int, path: str) -> str | None:
    """Send one request; return the version that answered (``"?"`` if it does not say), or None."""
    connection = http.client.HTTPConnection(host, port, timeout=REPLY)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read(10_000)
        return version_in(body) if answer.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def version_in(body: bytes) -> str:
    """Return the version that an answer names: ``"version": "2"`` in JSON, or ``version 2``."""
    words = body.decode(errors="replace")
    try:
        return str(json.loads(words)["version"])
    except (ValueError, KeyError, TypeError):
        found = re.search(r"version[ :=]+(\S+)", words)
        return found[1] if found else "?"
