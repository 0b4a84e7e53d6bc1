"""A fault done to a cluster, and all that the cluster does about it, recorded."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import docker
import requests

from ..cluster.model import Task, View
from ..errors import CourseError, TimedOut
from .case import Case
from .faults import FAULTS, aim
from .majority import without_majority
from .model import Moment, Story
from .states import calm, enough, lasting, led, led_anew, noticed
from .telling import tell
from .watching import Watching, short

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["CALM", "HEALED", "record", "settle"]

CALM = 120.0  # seconds until nothing is under way any more
LED = 180.0  # seconds until there is another leader; 10 to 20 on a calm machine
STEADY = 4.0  # seconds: longer than nodes may be silent (helpers.cluster, heartbeat)
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
        if case.nodes:
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
                case = _healed(cluster, watching, case, wanted)
            done = True
        finally:
            if deed.undo and (undo or not done):
                case = replace(case, undone=time.time())
                deed.undo(cluster, case)
        away = () if case.undone or not case.nodes else case.nodes
        # A new leader first tells what the old one knew, and may miss nodes a moment later.
        rests = lasting(lambda view: calm(view, wanted, away), STEADY if led_anew(case) else 0.0)
        last = watching.until(rests, CALM, "healing.waiting.calm")
        views = [view for view in watching.views if first.at <= view.at <= last.at]
    return tell(views, case, wanted)


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
    """See to it that tasks run where the story needs one, after earlier faults have moved them.

    That is the node that is to be hit; or, where a majority of the managers is, the one that is
    left. One task is ended on the fullest node, and the swarm puts its successor on the emptiest.
    """
    needed = case.nodes
    if case.fault == "lose_quorum":
        needed = frozenset(node.name for node in view.nodes) - case.nodes
    while True:
        tasks = [one for one in view.tasks if one.service in services and one.runs]
        if not tasks or any(one.node in needed for one in tasks):
            return view
        fullest = Counter(one.node for one in tasks).most_common(1)[0][0]
        one = next(task for task in tasks if task.node == fullest)
        cluster.api(one.node).kill(one.container)
        ended = Case("kill", one.name, tasks=frozenset({one.id}))
        view = watching.until(
            lambda seen, ended=ended: noticed(seen, ended) and calm(seen, services),
            CALM, "healing.waiting.calm",
        )  # fmt: skip


def _healed(cluster: Cluster, watching: Watching, case: Case, services: tuple[str, ...]) -> Case:
    """Wait until the swarm has made up for the fault. If it never does, the story says so."""
    hit = next((one for one in watching.views[-1].tasks if one.id in case.tasks), None)
    checked = hit if case.fault in ("freeze", "sicken") else None
    found: list[Moment] = []

    def healed(view: View) -> bool:
        if checked and not found and _unwell(cluster, checked):
            seconds = max(time.time() - case.began, 0.0)
            found.append(Moment(seconds, "noticed", "", case.target))
        return noticed(view, case) and enough(view, services, case)

    with contextlib.suppress(TimedOut):
        watching.until(healed, HEALED, "healing.waiting.healed")
    return replace(case, seen=tuple(found))


def _unwell(cluster: Cluster, task: Task) -> bool:
    """Whether the engine of its node calls a task's container unhealthy.

    The managers hear of it only when the container has ended, which a frozen one does late.
    """
    with contextlib.suppress(docker.errors.DockerException, requests.RequestException, CourseError):
        told = cluster.api(task.node).inspect_container(task.container)["State"]
        return (told.get("Health") or {}).get("Status") == "unhealthy"
    return False


def _names(view: View) -> list[tuple[str, str]]:
    """Return the short and the full name of each task."""
    return [(a.name, b.name) for a, b in zip(short(view).tasks, view.tasks, strict=True)]
