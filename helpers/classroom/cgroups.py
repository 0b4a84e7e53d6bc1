"""A learner's control group, handed on: the engine inside makes groups of its own below it.

The limits of the learner's container hold for everything below its control group, so for all that
the engine inside starts. That engine needs a group that its user may write. On version 1 this is a
folder ``layer-by-layer`` in the container's group of each controller; the limits above it stay
root's. On version 2 processes have to be in leaves (kernel: cgroup-v2, *no internal process
constraint* and *delegation*), so those of the container move into ``init`` first.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["ENGINES", "delegate"]

ROOT = Path("/sys/fs/cgroup")
ENGINES = "layer-by-layer"  # as private engines call it (`helpers.engine.private`)
# What whoever owns a group may write: processes, and on version 2 which controllers go on below.
V1, V2 = ("cgroup.procs", "tasks"), ("cgroup.procs", "cgroup.threads", "cgroup.subtree_control")
INHERITED = ("cpuset.cpus", "cpuset.mems")  # empty in a new group of version 1: nothing may join


def delegate(group: str, owner: int, root: Path = ROOT) -> None:
    """Let ``owner`` make groups below ``<group>/layer-by-layer``.

    Parameters
    ----------
    group: the container's control group, from the root of the hierarchy: ``layer-by-layer/…/<ID>``.
    owner: the user and group number that the container's root has on the host.

    Raises
    ------
    OSError: the group is not there.
    """
    if (root / "cgroup.controllers").exists():
        _version_2(root / group, owner)
        return
    found = [controller / group for controller in root.iterdir() if (controller / group).is_dir()]
    if not found:
        raise FileNotFoundError(2, "no control group", group)
    for place in found:
        below = place / ENGINES
        below.mkdir(exist_ok=True)
        for name in INHERITED:
            if (place / name).exists():
                (below / name).write_text((place / name).read_text())
        _own(below, V1, owner)


def _version_2(place: Path, owner: int) -> None:
    for name in ("init", ENGINES):
        (place / name).mkdir(exist_ok=True)
    for process in (place / "cgroup.procs").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            (place / "init/cgroup.procs").write_text(process)
    controllers = (place / "cgroup.controllers").read_text().split()
    (place / "cgroup.subtree_control").write_text(" ".join(f"+{one}" for one in controllers))
    _own(place / ENGINES, V2, owner)
    # To move a process from one group to another takes the right to write what is above both.
    os.chown(place / "cgroup.procs", owner, owner)


def _own(place: Path, files: tuple[str, ...], owner: int) -> None:
    os.chown(place, owner, owner)
    for name in files:
        if (place / name).exists():
            os.chown(place / name, owner, owner)
