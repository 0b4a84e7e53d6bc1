"""What the tasks on each node reserve, what is left there, and whether one more would fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..cluster.model import Node, Service, Task, View
from .story_lanes import natural
from .tasks import able, condition_of

__all__ = ["Room", "Waiting", "rooms", "waiting"]

KINDS = ("cpu", "memory")
CLOSE = 1e-9  # shares of a CPU are sums of decimal fractions


@dataclass(frozen=True)
class Room:
    """A node with the tasks on it.

    ``reserved``: each task with its CPUs and its bytes of memory; ``others``: tasks that reserve
    nothing; ``open``: whether the node takes new tasks.
    """

    node: Node
    reserved: tuple[tuple[Task, float, int], ...]
    others: int
    open: bool

    def total(self, kind: str) -> float:
        """Return what the node has of ``"cpu"`` or ``"memory"``."""
        return self.node.cpus if kind == "cpu" else self.node.memory

    def used(self, kind: str) -> float:
        """Return what its tasks reserve."""
        return sum(cpus if kind == "cpu" else memory for _, cpus, memory in self.reserved)

    def free(self, kind: str) -> float:
        """Return what is left."""
        return max(0.0, self.total(kind) - self.used(kind))


@dataclass(frozen=True)
class Waiting:
    """Tasks of one service that no node takes.

    ``lacks``: of what too little is free on every node that may take one; ``together``: of what of
    these all such nodes together have enough for one more; ``homeless``: whether no node may.
    """

    service: Service
    tasks: tuple[Task, ...]
    lacks: tuple[str, ...]
    together: tuple[str, ...]
    homeless: bool

    def needs(self, kind: str) -> float:
        """Return what one task reserves of ``"cpu"`` or ``"memory"``."""
        return needs(self.service, kind)


def needs(service: Service, kind: str) -> float:
    """Return what one task of a service reserves of ``"cpu"`` or ``"memory"``."""
    return service.reserved_cpus if kind == "cpu" else service.reserved_memory


def rooms(view: View) -> list[Room]:
    """Return every node with what is reserved on it; a service's tasks lie side by side."""
    services = {service.name: service for service in view.services}
    at = condition_of(view)
    found = []
    for node in view.nodes:
        here = [t for t in view.tasks if t.node == node.name and at[t.id] != "ended"]
        here.sort(key=lambda task: (task.service, natural(task.name), task.made))
        known = [(t, services[t.service]) for t in here if t.service in services]
        takes = [(t, s.reserved_cpus, s.reserved_memory) for t, s in known
                 if s.reserved_cpus or s.reserved_memory]  # fmt: skip
        open_ = node.state == "ready" and node.availability == "active"
        found.append(Room(node, tuple(takes), len(here) - len(takes), open_))
    return found


def waiting(view: View, found: Sequence[Room]) -> list[Waiting]:
    """Return what waits, by service, with what is lacking."""
    at = condition_of(view)
    made = []
    for service in view.services:
        tasks = [t for t in view.tasks if t.service == service.name and at[t.id] == "waiting"]
        if not tasks:
            continue
        names = {node.name for node in able(service, view.nodes)}
        fit = [room for room in found if room.node.name in names]
        lacks = tuple(
            kind
            for kind in KINDS
            if fit and all(room.free(kind) + CLOSE < needs(service, kind) for room in fit)
        )
        together = tuple(
            kind
            for kind in lacks
            if sum(room.free(kind) for room in fit) + CLOSE >= needs(service, kind)
        )
        made.append(Waiting(service, tuple(tasks), lacks, together, not fit))
    return made
