"""What a look at a cluster says of its tasks: what each is at, where they may run, what waits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..cluster.model import Node, Service, Task, View
from .orchestra import counted, said, short
from .rows import one_line

__all__ = [
    "Trouble", "able", "condition", "condition_of", "meaning", "name_of", "selected",
    "troubles", "why", "words_of_troubles",
]  # fmt: skip

FAILURES = ("failed", "rejected")
# What an orchestrator writes → what it means; Swarm's and Kubernetes' own words.
MEANINGS = (
    (r"insufficient (resources|cpu|memory)|outofcpu|outofmemory", "resources"),
    (r"constraints? not satisfied|didn't match|node selector|had (un\w+ )?taint", "constraint"),
    (r"not available for new tasks|unschedulable|not ready", "unavailable"),
    (r"max replicas per node", "limit"),
    (r"port.*(in use|allocated)|didn't have free ports", "port"),
    (r"no such image|pull|manifest unknown", "image"),
    (r"unhealthy|liveness|readiness", "unhealthy"),
    (r"non-zero exit|exit code|crashloop", "exit"),
)  # fmt: skip


@dataclass(frozen=True)
class Trouble:
    """Tasks of one service that do not run for one reason.

    ``kind``: ``"waiting"`` (no node fits) or ``"failing"`` (what was started ended again);
    ``reason``: the orchestrator's own words.
    """

    kind: str
    service: str
    tasks: tuple[Task, ...]
    reason: str


def selected(view: View, services: Iterable[str] | None) -> View:
    """Return the view with these services alone; all of them for None."""
    if services is None:
        return view
    wanted = set(services)
    return View(
        view.nodes,
        tuple(s for s in view.services if s.name in wanted),
        tuple(t for t in view.tasks if t.service in wanted),
        view.at,
    )


def condition(task: Task, nodes: Mapping[str, Node]) -> str:
    """Return what a task is at: a key of `orchestra.STATES`, or ``"ended"``."""
    if task.ended:
        return "ended"
    if not task.node:
        return "ended" if task.desired in ("shutdown", "remove") else "waiting"
    if task.node in nodes and nodes[task.node].state != "ready":
        return "lost"
    if task.desired in ("shutdown", "remove"):
        return "stopping"
    return "running" if task.runs else "starting"


def condition_of(view: View) -> dict[str, str]:
    """Return what each task is at, by its ID."""
    nodes = {node.name: node for node in view.nodes}
    return {task.id: condition(task, nodes) for task in view.tasks}


def name_of(task: Task) -> str:
    """Return a task's name for a place beside its node: ``agent`` in place of ``agent.node-2``."""
    name = task.name
    if task.node and name == f"{task.service}.{task.node}":
        name = task.service
    return short(name)


def able(service: Service, nodes: Sequence[Node]) -> list[Node]:
    """Return the nodes that could take a task of ``service``, but for what is free on them."""
    return [
        node
        for node in nodes
        if node.state == "ready"
        and node.availability == "active"
        and all(_met(constraint, node) for constraint in service.constraints)
    ]


def _met(constraint: str, node: Node) -> bool:
    """Whether a node meets ``node.labels.disk==ssd``; what is not known of it counts as met."""
    found = re.fullmatch(r"\s*(\S+?)\s*(==|!=)\s*(.+?)\s*", constraint)
    if not found:
        return True
    name, sign, value = found.groups()
    facts = {"node.id": node.id, "node.hostname": node.name, "node.role": node.role}
    if name.startswith("node.labels."):
        has = node.labels.get(name.removeprefix("node.labels."), "")
    elif name in facts:
        has = facts[name]
    else:
        return True
    return (has == value) is (sign == "==")


def troubles(view: View) -> list[Trouble]:
    """Return what waits and what fails, grouped by service and reason."""
    at = condition_of(view)
    groups: dict[tuple[str, str, str], list[Task]] = {}
    alive = {task.name for task in view.tasks if at[task.id] in ("running", "lost")}
    for task in view.tasks:
        if at[task.id] == "waiting":
            where = ("waiting", task.service, one_line(task.reason))
            groups.setdefault(where, []).append(task)
    waiting = {task.name for tasks in groups.values() for task in tasks}
    last: dict[str, Task] = {}
    for task in view.tasks:  # those of one slot are sorted by when they were made
        if task.ended and task.name not in alive | waiting:
            last[task.name] = task
    for task in last.values():
        if task.state not in FAILURES or not task.reason:
            continue  # it was told to end, and its successor is on its way
        where = ("failing", task.service, one_line(task.reason))
        groups.setdefault(where, []).append(task)
    return [Trouble(kind, service, tuple(tasks), reason)
            for (kind, service, reason), tasks in groups.items()]  # fmt: skip


def meaning(reason: str) -> str:
    """Return what the orchestrator's words mean, in the notebook's language; empty if unknown."""
    if not reason.strip():
        return said("reason.none")
    keys = [key for pattern, key in MEANINGS if re.search(pattern, reason, re.IGNORECASE)]
    return said("semicolon").join(said(f"reason.{key}") for key in keys)


def why(reason: str) -> str:
    """Return the meaning of a reason with the orchestrator's own words."""
    reason, means = one_line(reason), meaning(reason)
    if not reason:
        return means
    return said("tray.quote", meaning=means, said=reason) if means else reason


def words_of_troubles(found: Sequence[Trouble], kind: str) -> list[str]:
    """Return a line for each trouble; how many tasks, not which: that differs from run to run."""
    return [
        said(
            f"tray.words_{one.kind}",
            what=said(
                "tray.one",
                tasks=counted(f"thing.{kind}", len(one.tasks)),
                service=short(one.service),
            ),
            why=why(one.reason),
        )
        for one in found
    ]
