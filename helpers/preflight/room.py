"""A class's room: what the chosen lessons need, and all machines looked at side by side."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from ..cluster import memory
from ..engine.doctor import NEEDED_DISK
from ..kit import wanted
from ..kit.manifest import Manifest
from . import hosts, judging
from .model import HERE, Machine, Needs

__all__ = ["look", "needs"]

AT_ONCE = 16  # machines
NODES = 3  # of the lessons' largest cluster to start with
# Bytes. JupyterLab with one kernel, and an engine, took 375 MB at most; a browser takes as much
# again, and the system has to live.
BASE = 1_500_000_000
# What lessons start beside that: the nodes and the machine as measured; Kubernetes and the local
# AWS with their pods and tasks as reckoned with.
MEMORY = {
    "node": memory.needed(NODES),
    "machines": 256_000_000,
    "kubernetes": 1_500_000_000,
    "aws": 500_000_000,
}
SMALL = 3_000_000_000  # bytes of disk: environment, engine, and lessons on the small base image
COMPILE = 2_500_000_000  # bytes of disk while Kubernetes is compiled


def needs(lessons: Iterable[str] = (), kit: Manifest | None = None) -> Needs:
    """Return what lessons need of a machine; all lessons, or those of the kit, if none is named.

    Raises
    ------
    NotFound: there is no lesson of such a number.
    """
    folders = wanted.lessons(lessons or (kit.lessons if kit else ()))
    each = [wanted.needs(folder) for folder in folders]
    sets = frozenset().union(*each)
    disk = NEEDED_DISK if "debian" in sets else SMALL
    built = kit is not None and any(file.purpose == "kubernetes" for file in kit.files)
    if "kubernetes" in sets and not built:
        disk += COMPILE
    return Needs(
        lessons=tuple(folder.name.partition("-")[0] for folder in folders),
        sets=sets,
        memory=BASE + max(sum(MEMORY.get(name, 0) for name in one) for one in each),
        disk=disk + (kit.size if kit else 0),
        kit=kit,
    )


def look(names: Iterable[str], need: Needs) -> list[Machine]:
    """Look at machines, several at a time; return them in the order in which they were named."""

    def one(host: str) -> Machine:
        return judging.judge(host, hosts.ask(host), need)

    names = list(names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(one, names))
    return [judging.with_doctor(machine) if machine.host == HERE else machine for machine in found]
