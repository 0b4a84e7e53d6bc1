"""What is known of a fault by the one who caused it: when, to what, and what it does to tasks."""

from __future__ import annotations

from dataclasses import dataclass, field

from .model import Moment

__all__ = ["CAUSES", "Case"]

# Why the tasks that a fault hits end: `Bar.cause`. Those on a manager that stood still go on.
CAUSES = {
    "kill": "killed",
    "freeze": "frozen",
    "sicken": "unhealthy",
    "stop_node": "node_stopped",
    "cut": "node_cut",
    "drain": "drained",
}


@dataclass(frozen=True)
class Case:
    """A fault, or an order that changes a service, as the course caused it.

    Fields
    ------
    fault: its name: a key of `CAUSES`, or ``"update"``, ``"bad_update"``, ``"scale"``.
    target: what it was done to, as the learner wrote it: ``web.2`` or ``node-3``.
    order: the command that did it.
    began, undone: when it was done and taken back, in seconds of the Unix epoch by the clock of the
        views; ``undone`` is None while it lasts.
    tasks: IDs of the tasks that were hit.
    full: the name of the hit task as the swarm knows it: ``shop_web.2``.
    nodes: names of the nodes that were hit.
    version: the image's tag before the order, where the order is an update.
    seen: moments that the views do not tell.
    """

    fault: str
    target: str
    order: str = ""
    began: float = 0.0
    undone: float | None = None
    tasks: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    full: str = ""
    version: str = ""
    seen: tuple[Moment, ...] = field(default=())

    @property
    def cause(self) -> str:
        """Why the tasks that were hit ended."""
        return CAUSES.get(self.fault, "")

    @property
    def breaks_nodes(self) -> bool:
        """Whether nobody can say what the tasks on the hit nodes do."""
        return self.fault in ("stop_node", "cut", "lose_manager", "lose_quorum")

    def away(self, node: str, at: float) -> bool:
        """Whether a node is stopped or cut by this fault at a time (seconds of the epoch)."""
        if not self.breaks_nodes or node not in self.nodes or at < self.began:
            return False
        return self.undone is None or at < self.undone
