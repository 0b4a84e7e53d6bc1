"""How much CPU time, memory and processes a container uses over a stretch of time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..engine import Engine, connect
from ..errors import ContainerFailed
from ..messages import text
from .container import say
from .limits import binary
from .oom import was_oom_killed
from .own import ours
from .sampling import Sample, samples

__all__ = ["Usage", "usage"]

PAUSE = 0.25  # seconds between two samples
REDRAW = 1.0  # seconds between two live pictures
FULL = 0.85  # of a limit: from here on it counts as reached
SLACK, EDGE = 1.25, 0.03  # what periods cut off by the first and last sample may add to a share
OFTEN = 0.05  # of the periods: from here on a container is held back, not just once by chance
NANO = 1_000_000_000


@dataclass(frozen=True)
class Usage:
    """What a container used; `helpers.figures.usage` draws it.

    Fields
    ------
    name: the container's.
    samples: in order; their times begin at 0.
    cpus: the limit in CPUs' worth of time; None without.
    memory: the limit in bytes; None without.
    pids: the limit in processes and threads; None without.
    ended: whether the container ended while it was watched.
    oom_killed: whether the kernel ended it because its memory limit was reached.
    """

    name: str
    samples: tuple[Sample, ...]
    cpus: float | None = None
    memory: int | None = None
    pids: int | None = None
    ended: bool = False
    oom_killed: bool = False

    @property
    def seconds(self) -> float:
        """From the first sample to the last."""
        return self.samples[-1].seconds - self.samples[0].seconds if self.samples else 0.0

    @property
    def share(self) -> float:
        """CPU time over time: 0.25 is a quarter of one CPU, 2.0 two whole ones."""
        if self.seconds <= 0:
            return 0.0
        return (self.samples[-1].cpu - self.samples[0].cpu) / self.seconds

    @property
    def shares(self) -> tuple[tuple[float, float], ...]:
        """The share between each two samples, with the second one's time."""
        pairs = zip(self.samples, self.samples[1:], strict=False)
        return tuple(
            (b.seconds, (b.cpu - a.cpu) / (b.seconds - a.seconds))
            for a, b in pairs
            if b.seconds > a.seconds
        )

    @property
    def peak(self) -> int:
        """The most memory of all samples, in bytes."""
        return max((sample.memory for sample in self.samples), default=0)

    @property
    def most_pids(self) -> int:
        return max((sample.pids for sample in self.samples), default=0)

    @property
    def held_back(self) -> float:
        """In which part of the kernel's periods the container had to wait for its CPU limit."""
        if not self.samples:
            return 0.0
        first, last = self.samples[0], self.samples[-1]
        periods = last.periods - first.periods
        return (last.throttled - first.throttled) / periods if periods else 0.0

    @property
    def cpu_is_full(self) -> bool | None:
        """Whether it wanted more CPU time than it may use; None without a limit.

        The kernel says so: on a busy machine it may get less than its limit and want more.
        """
        if self.cpus is None:
            return None
        return self.held_back >= OFTEN or self.share >= FULL * self.cpus

    @property
    def is_above(self) -> bool:
        """Whether it used clearly more CPU time than its limit: the limit is not kept."""
        return self.cpus is not None and self.share > SLACK * self.cpus + EDGE

    @property
    def memory_is_full(self) -> bool | None:
        """Whether it used all the memory that it may; None without a limit."""
        if self.memory is None:
            return None
        return self.oom_killed or self.peak >= FULL * self.memory

    def __str__(self) -> str:
        """Relations to the limits, which are the same in each run; the values are in the fields."""
        lines = [text("containers.usage.title", name=self.name)]
        # not whether it used all of it: that depends on what else the machine does meanwhile
        cpu = "free" if self.cpus is None else "above" if self.is_above else "within"
        lines.append("  " + text(f"containers.usage.cpu_{cpu}", limit=f"{self.cpus or 0:g}"))
        memory = {True: "full", False: "below", None: "free"}[self.memory_is_full]
        limit = binary(self.memory or 0)
        lines.append("  " + text(f"containers.usage.memory_{memory}", limit=limit))
        if self.oom_killed:
            lines.append("  " + text("containers.usage.oom"))
        elif self.ended:
            lines.append("  " + text("containers.usage.ended"))
        return "\n".join(lines)

    __repr__ = __str__


def usage(
    name: str,
    seconds: float = 5.0,
    *,
    live: Callable[[Usage], Any] | None = None,
    engine: Engine | None = None,
) -> Usage:
    """Watch what a running container uses for a while; print the `docker stats` line.

    Parameters
    ----------
    seconds: how long; it ends earlier with the container.
    live: what to show in JupyterLab while it runs, once a second; ``live=figures.usage``.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it does not run, or the engine tells no numbers.
    """
    engine = engine or connect()
    found = ours(engine, name)
    if not found["State"]["Running"]:
        raise ContainerFailed("containers.ended", name=name, code=found["State"]["ExitCode"])
    say(["docker", "stats", name])
    host = found["HostConfig"]
    cpus = host.get("NanoCpus") or 0
    pids = host.get("PidsLimit") or 0
    limits = (cpus / NANO or None, host.get("Memory") or None, pids if pids > 0 else None)
    count = max(2, round(seconds / PAUSE) + 1)
    taken: list[Sample] = []
    shown = _Live(live)
    began = time.monotonic()
    for sample in samples(engine, found, count, PAUSE):
        taken.append(sample)
        shown.update(lambda: Usage(name, _from_zero(taken), *limits))
        if time.monotonic() - began > seconds and len(taken) > 1:
            break
    shown.clear()
    last = ours(engine, name)
    return Usage(
        name,
        _from_zero(taken),
        *limits,
        ended=not last["State"]["Running"],
        oom_killed=was_oom_killed(engine, last),
    )


def _from_zero(taken: list[Sample]) -> tuple[Sample, ...]:
    first = taken[0].seconds if taken else 0.0
    return tuple(replace(sample, seconds=sample.seconds - first) for sample in taken)


class _Live:
    """A picture that changes while a cell runs; none where nobody looks (see `builds.live`)."""

    def __init__(self, draw: Callable[[Usage], Any] | None) -> None:
        self._draw = draw if os.environ.get("JPY_SESSION_NAME") else None
        self._handle: Any = None
        self._drawn = time.monotonic()

    def update(self, now: Callable[[], Usage]) -> None:
        if self._draw is None or time.monotonic() - self._drawn < REDRAW:
            return
        from IPython.display import display

        self._drawn = time.monotonic()
        picture = self._draw(now())
        if self._handle is None:
            self._handle = display(picture, display_id=True)
        else:
            self._handle.update(picture)

    def clear(self) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)
