"""What a task does at one look: one word out of the many that a swarm has."""

from __future__ import annotations

from ..cluster.model import Node, Task
from .case import Case

__all__ = ["phase", "version"]

UNPLACED = "no suitable node"  # how a swarm's reasons begin when no node fits a task
ORDERED = frozenset({"shutdown", "remove", "complete"})  # states that end a task which was told to


def phase(task: Task, node: Node | None, at: float, case: Case, before: str = "") -> str:
    """Return the state of a task as a `Bar` has it; empty once the task has ended.

    Parameters
    ----------
    node: the one that it is on, None if it has none or that node has left.
    at: when the task was looked at, in seconds of the Unix epoch.
    case: the fault that is going on.
    before: what this returned for the task at the look before.
    """
    if task.ended:
        return ""
    if _lost(task, node, at, case, before):
        return "lost"
    if task.desired not in ("running", "ready"):
        return "stopping" if task.node else ""  # given up before any node had it
    if task.state == "running":
        hit = task.id in case.tasks and case.cause in ("frozen", "unhealthy")
        return "unhealthy" if hit and at >= case.began else "running"
    return "waiting" if UNPLACED in task.reason else "starting"


def _lost(task: Task, node: Node | None, at: float, case: Case, before: str) -> bool:
    """Whether nobody knows what the task does: its node cannot be asked.

    The swarm goes on calling it *running*. It stays lost until its node is back and the swarm wants
    it to run: what is to be removed there counts as lost until that is done.
    """
    away = case.away(task.node, at)
    if before == "lost":
        back = (
            node is not None and node.state == "ready" and task.state == task.desired == "running"
        )
        # What ran on a node that was stopped has ended, though its managers learn of it later.
        return away or not back or (case.cause == "node_stopped" and task.node in case.nodes)
    gone = node is not None and node.state == "down"
    was_away = case.breaks_nodes and task.node in case.nodes and at >= case.began
    return away or gone or (was_away and task.state == "running" and task.desired != "running")


def version(image: str) -> str:
    """Return an image's tag: ``2`` of ``registry:5000/lbl/page:2@sha256:…``; empty without one."""
    name = image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2]
