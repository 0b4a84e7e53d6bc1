"""Whether there is memory enough for the nodes, before anything is started."""

from __future__ import annotations

import platform
from pathlib import Path

from ..engine import Engine
from ..errors import ClusterFailed
from ..text import size

__all__ = ["BESIDE", "NODE", "available", "check", "needed"]

NODE = 130_000_000  # bytes: what an engine in the swarm took, measured
BESIDE = 120_000_000  # bytes: the registry, and containers to run in the nodes


def needed(nodes: int, memory: int | None = None) -> int:
    """Return how many bytes a cluster takes: `memory` for each node, or what one was seen to."""
    return nodes * (memory or NODE) + BESIDE


def available(engine: Engine) -> int:
    """Return how many bytes the daemon's machine can still give.

    The daemon tells only how much there is in all. Where it runs on this very Linux, the kernel
    says what is free or can be freed (``MemAvailable`` of proc(5)).
    """
    whole = int(engine.info.get("MemTotal") or 0)
    here = platform.system() == "Linux" and engine.endpoint.socket and not engine.desktop
    if here:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024
                return min(free, whole) if whole else free
    return whole


def check(engine: Engine, nodes: int, memory: int | None = None, held: int = 0) -> None:
    """Refuse a cluster that does not fit.

    Parameters
    ----------
    memory: bytes that each node may take.
    held: bytes that nodes take which will go.

    Raises
    ------
    ClusterFailed: there is too little memory; the message says how much is needed and is there.
    """
    wanted, there = needed(nodes, memory), available(engine) + held
    if there and wanted > there:
        raise ClusterFailed("cluster.memory", nodes=nodes, needed=size(wanted), there=size(there))
