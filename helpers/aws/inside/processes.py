"""CPU time and memory of a container's processes, out of /proc.

This container shares the daemon's process namespace, so a container's processes are seen here under
the numbers that the daemon gives. The daemon's own ``stats`` are empty where it cannot read control
groups, as in an engine inside an engine.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Reading", "below"]

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Reading:
    """One look: when, seconds of CPU time until then, bytes in memory."""

    at: float
    cpu: float
    memory: int


def below(roots: Iterable[int]) -> Reading:
    """Return what some processes and all their descendants have used, ended children included."""
    parents: dict[int, int] = {}
    used: dict[int, tuple[float, int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text()
            except OSError:  # it has ended by now
                continue
            # fields of proc(5) behind the name, which stands in parentheses: state, ppid, …
            fields = text.rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1])
            ticks = sum(int(value) for value in fields[11:15])
            used[int(folder.name)] = (ticks / TICKS, int(fields[21]) * PAGE)
    wanted = set(roots)
    found = [pid for pid in used if _among(pid, wanted, parents)]
    return Reading(
        time.monotonic(),
        sum(used[pid][0] for pid in found),
        sum(used[pid][1] for pid in found),
    )


def _among(pid: int, wanted: set[int], parents: dict[int, int]) -> bool:
    while pid:
        if pid in wanted:
            return True
        pid = parents.get(pid, 0)
    return False
