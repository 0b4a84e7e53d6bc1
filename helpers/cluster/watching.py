"""Look at a swarm again and again: when something happened, and at least every half second."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import docker

from ..errors import ClusterFailed, CourseError, EngineLost
from .link import Link
from .model import View

__all__ = ["watch"]

PAUSE = 0.5  # seconds between two looks when nothing is heard
SOON = 0.1  # seconds from an event to the look: managers hear of it from the node meanwhile
KINDS = ["container", "service", "node"]


def watch(link: Link, look: Callable[[], View], seconds: float) -> Iterator[View]:
    """Yield looks for ``seconds``; a look that no manager answers is left out."""
    heard = threading.Event()
    listeners = [_Listener(link, node, heard) for node in (link.containers or {"": ""})]
    for one in listeners:
        one.start()
    deadline = time.monotonic() + seconds
    try:
        while True:
            try:
                yield look()
            except (ClusterFailed, EngineLost):
                link.doubt()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            if heard.wait(min(PAUSE, left)):
                heard.clear()
                time.sleep(SOON)  # not for a state: events come in bursts, one look will do
    finally:
        for one in listeners:
            one.stop()


class _Listener(threading.Thread):
    """Hears the events of one node's engine; the node may go and come back meanwhile."""

    def __init__(self, link: Link, node: str, heard: threading.Event) -> None:
        super().__init__(name=f"events of {node}", daemon=True)
        self.link, self.node, self.heard = link, node, heard
        self._stopped = threading.Event()
        self._stream: object = None

    def run(self) -> None:
        while not self._stopped.is_set():
            with contextlib.suppress(CourseError, docker.errors.DockerException, OSError,
                                     ValueError, AttributeError):  # fmt: skip
                # a client of its own: closing it ends the reading
                self._stream = self.link.api(self.node).events(filters={"type": KINDS}, decode=True)
                for event in self._stream:  # type: ignore[attr-defined]
                    if not str(event.get("Action", "")).startswith("exec_"):
                        self.heard.set()
                    if self._stopped.is_set():
                        return
            self._stopped.wait(1.0)

    def stop(self) -> None:
        self._stopped.set()
        if self._stream is not None:
            with contextlib.suppress(Exception):  # it may be reading at this moment
                self._stream.close()  # type: ignore[attr-defined]
