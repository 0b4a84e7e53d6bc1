"""What a look at a swarm finds: nodes, services, tasks. Plain data; nothing here asks Docker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["ENDED", "Node", "Service", "Task", "View"]

ENDED = frozenset({"complete", "shutdown", "failed", "rejected", "orphaned", "remove"})


@dataclass(frozen=True)
class Node:
    """A member of a swarm, as its managers know it.

    Fields
    ------
    name: its host name, as ``node-1``; the course's are numbered in the order of joining.
    role: ``"manager"`` or ``"worker"``.
    state: ``"ready"``, ``"down"``, ``"unknown"`` or ``"disconnected"``.
    availability: ``"active"``, ``"pause"`` or ``"drain"``.
    leader: whether it is the manager that decides at present.
    reachability: ``"reachable"`` or ``"unreachable"`` for a manager, empty for a worker.
    cpus, memory: what it reports to the scheduler: cores; bytes.
    labels: those of the node (``docker node update --label-add``), not of its engine.
    """

    id: str
    name: str
    role: str
    state: str
    availability: str
    leader: bool = False
    reachability: str = ""
    cpus: float = 0.0
    memory: int = 0
    engine: str = ""
    address: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Service:
    """A service: what was asked for, and how much of it runs.

    Fields
    ------
    mode: ``"replicated"``, ``"global"``, ``"replicated-job"`` or ``"global-job"``.
    desired: tasks that should run; None for a global service on a swarm without a fitting node.
    running: tasks that do.
    stack: the stack that it was deployed with, or empty.
    update: what the orchestrator says of its last update: ``"updating"``, ``"completed"``,
        ``"paused"``, ``"rollback_started"``, ``"rollback_paused"``, ``"rollback_completed"``; empty
        if there was none.
    constraints: as written: ``("node.labels.disk==ssd",)``.
    reserved_cpus, reserved_memory: for each task: cores; bytes.
    ports: as ``docker service ls`` shows them: ``("*:8080->80/tcp",)``.
    """

    id: str
    name: str
    image: str
    mode: str
    desired: int | None
    running: int
    stack: str = ""
    update: str = ""
    constraints: tuple[str, ...] = ()
    reserved_cpus: float = 0.0
    reserved_memory: int = 0
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """One container that the swarm runs, ran, or cannot place.

    Fields
    ------
    name: service and slot: ``web.2``; for a global service, service and node: ``agent.node-2``.
    node: the name of the node that it was given to; empty while it has none.
    state: as the swarm says: ``"pending"``, ``"preparing"``, ``"running"``, ``"failed"``, …
    desired: the state that the orchestrator wants: ``"running"``, ``"shutdown"``, …
    reason: the swarm's own words of why it is in that state: ``"no suitable node (…)"``.
    since: when it came into the state, in seconds of the Unix epoch by the manager's clock.
    made: when the orchestrator made it, likewise.
    container: the ID of its container on that node; empty before there is one.
    exit_code: of its container, once that has ended.
    """

    id: str
    name: str
    service: str
    slot: int
    node: str
    state: str
    desired: str
    reason: str = ""
    image: str = ""
    since: float = 0.0
    made: float = 0.0
    container: str = ""
    exit_code: int | None = None

    @property
    def runs(self) -> bool:
        return self.state == "running" and self.desired == "running"

    @property
    def ended(self) -> bool:
        return self.state in ENDED


@dataclass(frozen=True)
class View:
    """Everything that a manager told in one look.

    ``at``: when, in seconds of the Unix epoch. Nodes, services and tasks are sorted by name, tasks
    of one slot by ``made``; tasks that have ended are among them.
    """

    nodes: tuple[Node, ...]
    services: tuple[Service, ...]
    tasks: tuple[Task, ...]
    at: float = 0.0
