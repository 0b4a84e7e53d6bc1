"""What is mounted into a container."""

from __future__ import annotations

import re

from ..containers.own import ours
from ..engine import Engine, connect
from .model import ANONYMOUS, BIND, NAMED, TMPFS, Mount, Mounts

__all__ = ["mounts"]

INVENTED = re.compile(r"[0-9a-f]{64}")  # the name that Docker gives to an anonymous volume


def mounts(container: str, *, engine: Engine | None = None) -> Mounts:
    """Return what is mounted into the container ``container``, as `docker inspect` tells it.

    What the engine mounts into every container (``/etc/hosts``, ``/proc``, …) is not told.

    Raises
    ------
    NotFound, NotOurs: there is no such container, or it is not the course's.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    told = ours(engine, container)
    found = [_mount(one) for one in told.get("Mounts") or []]
    listed = {mount.target for mount in found}
    memory = told["HostConfig"].get("Tmpfs") or {}
    found += [
        Mount(TMPFS, "", target, "ro" in options.split(","))
        for target, options in memory.items()
        if target not in listed
    ]
    return Mounts(container, tuple(sorted(found, key=lambda mount: mount.target)))


def _mount(told: dict) -> Mount:
    source = told.get("Name") or told.get("Source") or ""
    kind = told["Type"]
    if kind == "volume":
        kind = ANONYMOUS if INVENTED.fullmatch(source) else NAMED
    known = (NAMED, ANONYMOUS, BIND, TMPFS)
    return Mount(
        kind if kind in known else BIND, source, told["Destination"], not told.get("RW", True)
    )
