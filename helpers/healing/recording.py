"""A fault done to a cluster, and all that the cluster does about it, recorded."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..cluster.model import View
from ..errors import TimedOut
from .case import Case
from .faults import FAULTS, aim
from .majority import without_majority
from .model import Story
from .states import calm, enough, led, noticed
from .telling import tell
from .watching import Watching, short

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["CALM", "HEALED", "record", "settle"]

CALM = 120.0  # seconds until nothing is under way any more
LED = 180.0  # seconds until there is another leader; 10 to 20 on a calm machine
HEALED = 120.0  # seconds until the cluster has made up for a fault


def record(
    cluster: Cluster,
    fault: str,
    target: str = "",
    services: Iterable[str] = ("web",),
    undo: bool = True,
) -> Story:
    """Do a fault, watch what happens until all is well, take it back, and tell the story.

    The command that does it is printed. It begins when the cluster is calm, and each end that is
    waited for is a state: the swarm knows of the fault; as many tasks run as are asked for, without
    those that were hit; and, after the fault was taken back, every node is ready again and nothing
    is left over.

    Parameters
    ----------
    fault: ``"kill"``, ``"freeze"``, ``"sicken"`` (of a task); ``"stop_node"``, ``"cut"``,
        ``"drain"`` (of a node); ``"lose_manager"``, ``"lose_quorum"``.
    target: the task (``web.2``) or the node (``node-3``). For the last two it may be left out: the
        leader; a majority of the managers.
    services: whose tasks the story tells; for services of a stack, their names in its file.
    undo: whether the fault is taken back. It is in any case if something goes wrong here.

    Raises
    ------
    NotFound: no such fault, task, node or service.
    TimedOut: the cluster was not calm to begin with, or not after the fault was taken back.
    ClusterFailed, EngineLost: as for the cluster's own calls.
    """
    wanted = tuple(services)
    with Watching(cluster) as watching:
        first = settle(watching, wanted)
        names = dict(_names(cluster.look()))
        case = aim(fault, target, first, names)
        if case.nodes and fault in ("stop_node", "cut", "drain"):
            first = _spread(cluster, watching, first, case, wanted)
        deed = FAULTS[fault]
        case = replace(case, began=time.time())
        done = False
        try:
            deed.do(cluster, case)
            if fault == "lose_quorum":
                without_majority(cluster, case, watching)
            elif fault == "lose_manager":
                watching.until(lambda view: led(view, case), LED, "healing.waiting.leader")
            else:
                _healed(watching, case, wanted)
            done = True
        finally:
            if deed.undo and (undo or not done):
                case = replace(case, undone=time.time())
                deed.undo(cluster, case)
        away = () if case.undone or not case.nodes else case.nodes
        watching.until(lambda view: calm(view, wanted, away), CALM, "healing.waiting.calm")
        views = watching.views
    return tell([view for view in views if view.at >= first.at], case, wanted)


def settle(watching: Watching, services: Iterable[str]) -> View:
    """Wait until all nodes are ready and nothing is under way; return that look.

    Raises
    ------
    TimedOut: it was not so in time.
    """
    wanted = tuple(services)
    return watching.until(lambda view: calm(view, wanted), CALM, "healing.waiting.calm")


def _spread(
    cluster: Cluster, watching: Watching, view: View, case: Case, services: tuple[str, ...]
) -> View:
    """Make the swarm put tasks on the node that is to be hit, if an earlier fault has emptied it.

    Else the same cell would tell another story when it is run again.
    """
    if any(one.service in services and one.runs and one.node in case.nodes for one in view.tasks):
        return view
    for name in {full for one, full in _services(cluster.look()) if one in services}:
        cluster.docker(f"service update --detach --force {name}")
    here = lambda seen: any(  # noqa: E731
        one.service in services and one.runs and one.node in case.nodes for one in seen.tasks
    )
    return watching.until(
        lambda seen: here(seen) and calm(seen, services) and not _updating(seen, services),
        CALM, "healing.waiting.calm",
    )  # fmt: skip


def _updating(view: View, services: tuple[str, ...]) -> bool:
    return any(one.name in services and one.update == "updating" for one in view.services)


def _healed(watching: Watching, case: Case, services: tuple[str, ...]) -> None:
    """Wait until the swarm has made up for the fault. If it never does, the story says so."""
    healed = lambda view: noticed(view, case) and enough(view, services, case)  # noqa: E731
    try:
        watching.until(healed, HEALED, "healing.waiting.healed")
    except TimedOut:
        return


def _names(view: View) -> list[tuple[str, str]]:
    """Return the short and the full name of each task."""
    return [(a.name, b.name) for a, b in zip(short(view).tasks, view.tasks, strict=True)]


def _services(view: View) -> list[tuple[str, str]]:
    """Return the short and the full name of each service."""
    return [(a.name, b.name) for a, b in zip(short(view).services, view.services, strict=True)]
