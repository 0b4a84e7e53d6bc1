"""Looks at a cluster, taken by a thread while something else happens."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Protocol

from ..cluster.model import View
from ..errors import CourseError, TimedOut

__all__ = ["Cluster", "Watching", "short"]

LONGEST = 600.0  # seconds after which a thread that nobody ended stops looking
AGAIN = 0.3  # seconds until the next look after one that no manager answered


class Cluster(Protocol):
    """What is needed of a `helpers.cluster.Cluster` to watch it."""

    def look(self) -> View: ...
    def watch(self, seconds: float) -> object: ...


def short(view: View) -> View:
    """Return a look in which services and tasks of a stack have the names of its file.

    A stack called ``shop`` names its services ``shop_web``; a story is easier to read as ``web``.
    """
    names = {one.name: one.name.removeprefix(f"{one.stack}_") for one in view.services if one.stack}
    services = tuple(replace(one, name=names.get(one.name, one.name)) for one in view.services)
    tasks = tuple(
        replace(one, name=names[one.service] + one.name.removeprefix(one.service),
                service=names[one.service]) if one.service in names else one
        for one in view.tasks
    )  # fmt: skip
    return replace(view, services=services, tasks=tasks)


class Watching:
    """Collects looks from its start to its end: a context manager.

    While no manager answers, there are no looks, and it tries again.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._views: list[View] = []
        self._news = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
        self._failed: BaseException | None = None

    def __enter__(self) -> Watching:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(30)

    @property
    def views(self) -> list[View]:
        """All looks so far, in order, with short names."""
        with self._news:
            return list(self._views)

    def note(self, view: View) -> None:
        """Add a look: what was known last, where nobody can be asked any more."""
        self._add(view)

    def until(
        self, holds: Callable[[View], bool], seconds: float, awaited: str, **values: object
    ) -> View:
        """Wait for a look of which ``holds`` is true, from now on; return it.

        Raises
        ------
        TimedOut: there was none in time. ``awaited``, ``**values``: the message for that.
        """
        deadline = time.monotonic() + seconds
        asked = time.time()
        seen = 0
        with self._news:
            while True:
                for view in self._views[seen:]:
                    if view.at >= asked and holds(view):
                        return view
                seen = len(self._views)
                if self._failed:
                    raise self._failed
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimedOut(awaited, seconds=seconds, **values)
                self._news.wait(min(left, 1.0))

    def _run(self) -> None:
        end = time.monotonic() + LONGEST
        while not self._stop.is_set() and time.monotonic() < end:
            try:
                looks = self._cluster.watch(LONGEST)
                with contextlib.closing(looks):  # type: ignore[type-var]
                    for view in looks:  # type: ignore[attr-defined]
                        self._add(short(view))
                        if self._stop.is_set():
                            return
            except CourseError:
                self._stop.wait(AGAIN)
            except BaseException as error:  # told to whoever waits; a thread's end is silent
                with self._news:
                    self._failed = error
                    self._news.notify_all()
                return

    def _add(self, view: View) -> None:
        with self._news:
            self._views.append(view)
            self._news.notify_all()
