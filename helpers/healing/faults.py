"""The faults: what each does to a cluster, and how it is taken back."""

from __future__ import annotations

import contextlib
import difflib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..cluster.link import asking
from ..cluster.model import View
from ..engine import pausing
from ..engine.patience import patient
from ..errors import NotFound
from .case import Case

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["FAULTS", "Fault", "aim"]

ANSWER = 60.0  # seconds for the daemon to let a node stand still, or go on
Act = Callable[["Cluster", Case], None]


@dataclass(frozen=True)
class Fault:
    """A fault: ``hits`` is ``"task"``, ``"node"``, ``"leader"`` or ``"majority"``.

    ``undo`` is None where the orchestrator replaces what was hit, so that nothing is left to undo.
    """

    hits: str
    do: Act
    undo: Act | None = None


def _task(name: str) -> Act:
    def act(cluster: Cluster, case: Case) -> None:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            getattr(cluster, name)(case.full)
        # which node it is on is chance, and a lesson's output must not be
        print(re.sub(r"^node-\d+ ", "node-… ", said.getvalue()), end="", flush=True)

    return act


def _node(name: str) -> Act:
    def act(cluster: Cluster, case: Case) -> None:
        for node in sorted(case.nodes):
            getattr(cluster, name)(node)

    return act


def _mend(cluster: Cluster, case: Case) -> None:
    """Plug nodes in again. That the managers have them back is waited for with the story's end.

    The gossip of the nodes among themselves needs another quarter of a minute, in which nothing of
    a story happens.
    """
    for node in sorted(case.nodes):
        cluster.mend(node, wait=False)


def _freeze(cluster: Cluster, case: Case) -> None:
    """Stop the program where it stands, as a bug would: SIGSTOP to its first process.

    Not ``docker pause``: an engine makes no health checks in a paused container, so that it would
    be called well for ever (moby, daemon/health.go, ``updateHealthMonitor``).
    """
    one = cluster.task(case.full)
    print(f"node-… $ docker kill --signal STOP {one.name}.…", flush=True)
    with asking(one.node):
        cluster.api(one.node).kill(one.container, "SIGSTOP")


def _halt(cluster: Cluster, case: Case) -> None:
    """Let whole machines stand still, as if they hung: all processes of the node get no time.

    Several engines that are killed and started again need half a minute and more until they have
    elected a leader and their gossip is whole (`helpers.cluster.gossip`); those that stood still
    only go on. The leader alone must not: whoever asks it waits a minute for its answer.
    """
    with patient(cluster.engine, ANSWER) as api:
        for node in sorted(case.nodes):
            one = cluster.member(node)
            print(f"$ docker pause {one.container}", flush=True)
            if one.state != "paused":
                pausing.pause(api, one.container)


def _go_on(cluster: Cluster, case: Case) -> None:
    with patient(cluster.engine, ANSWER) as api:
        for node in sorted(case.nodes):
            one = cluster.member(node)
            print(f"$ docker unpause {one.container}", flush=True)
            if one.state == "paused":
                api.unpause(one.container)


FAULTS = {
    "kill": Fault("task", _task("kill")),
    "freeze": Fault("task", _freeze),
    "sicken": Fault("task", _task("sicken")),
    "stop_node": Fault("node", _node("stop_node"), _node("start_node")),
    "cut": Fault("node", _node("cut"), _mend),
    "drain": Fault("node", _node("drain"), _node("activate")),
    "lose_manager": Fault("leader", _node("stop_node"), _node("start_node")),
    "lose_quorum": Fault("majority", _halt, _go_on),
}


def aim(fault: str, target: str, view: View, full: dict[str, str]) -> Case:
    """Return the case of a fault that is about to be done.

    Parameters
    ----------
    target: a task (``web.2``) or a node (``node-3``), as the fault needs. It may be empty for a
        fault that hits managers: then it is the leader, or so many managers that the rest is no
        majority; the first node, which has the front door, is not among these.
    view: the cluster now.
    full: the full name of each task, by the one it has in ``view``.

    Raises
    ------
    NotFound: there is no such fault, no such task that runs, or no such node; or too few managers.
    """
    if fault not in FAULTS:
        raise NotFound("healing.no_fault", fault=fault, known=", ".join(FAULTS))
    hits = FAULTS[fault].hits
    if hits == "task":
        found = [one for one in view.tasks if one.runs and target in (one.name, full[one.name])]
        if not found:
            running = sorted({one.name for one in view.tasks if one.runs})
            raise NotFound("healing.no_task", name=target, known=", ".join(running) or "–")
        one = found[-1]
        return Case(fault, one.name, tasks=frozenset({one.id}), full=full[one.name])
    nodes = _nodes(hits, target, view)
    # several nodes have no name in common
    return Case(fault, target or nodes[0] if len(nodes) == 1 else "", nodes=frozenset(nodes))


def _nodes(hits: str, target: str, view: View) -> list[str]:
    known = [node.name for node in view.nodes]
    if target and target not in known:
        near = difflib.get_close_matches(target, known, n=1) or known
        raise NotFound("healing.no_node", name=target, known=", ".join(near))
    if hits == "node":
        if not target:
            raise NotFound("healing.no_node", name="", known=", ".join(known))
        return [target]
    managers = [node for node in view.nodes if node.role == "manager"]
    if len(managers) < 3:
        raise NotFound("healing.too_few_managers", count=len(managers))
    if hits == "leader":
        leader = next((one.name for one in managers if one.leader), managers[0].name)
        return [target or leader]
    return [one.name for one in managers][-(len(managers) // 2 + 1) :]
