"""The cluster as the figure of nodes takes it: the same data as for a swarm, pods for tasks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..cluster.model import Node, Service, Task, View
from ..text import plain
from . import quantities
from .looking import look
from .pods import alive, numbered

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["view"]

LEADS = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
STATES = {"waiting": "pending", "starting": "starting", "running": "running"}
OWN = "kubernetes.io/"  # labels that Kubernetes sets itself say nothing that one chose


def view(cluster: Cluster) -> View:
    """Return nodes, workloads and living pods of the namespace.

    A node on which the control plane runs counts as a manager. Pods have their short names.
    """
    now = look(cluster)
    nodes = cluster.api.get("/api/v1/nodes").get("items") or []
    pods = alive(now.pods)
    names = numbered(pods)
    services = [
        Service(
            one.name, one.name, one.version, "global" if one.kind == "DaemonSet" else "replicated",
            one.desired, sum(pod.ready for pod in alive(pods, one.app)),
        )
        for one in now.workloads
    ]  # fmt: skip
    tasks = [
        Task(
            pod.uid, names[pod.uid], pod.app, _number(names[pod.uid]), pod.node,
            STATES.get(pod.state, pod.state), "running", pod.reason, pod.version, pod.made,
            pod.made,
        )
        for pod in pods
    ]  # fmt: skip
    return View(
        tuple(sorted((_node(one) for one in nodes), key=lambda node: node.name)),
        tuple(sorted(services, key=lambda one: one.name)),
        tuple(sorted(tasks, key=lambda one: (one.service, one.slot))),
        time.time(),
    )


def _number(name: str) -> int:
    last = name.rpartition(" ")[2]
    return int(last) if last.isdigit() else 1


def _node(body: dict) -> Node:
    metadata, status = body["metadata"], body.get("status") or {}
    marks = metadata.get("labels") or {}
    ready = any(
        one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions") or []
    )
    room = status.get("allocatable") or {}
    return Node(
        id=metadata["uid"],
        name=plain(metadata["name"]),
        role="manager" if any(mark in marks for mark in LEADS) else "worker",
        state="ready" if ready else "down",
        availability="drain" if (body.get("spec") or {}).get("unschedulable") else "active",
        cpus=float(_amount(room.get("cpu", 0))),
        memory=int(_amount(room.get("memory", 0))),
        labels={plain(k): plain(v) for k, v in marks.items() if OWN not in k},
    )


def _amount(written: object) -> object:
    try:
        return quantities.parse(written)
    except ValueError:
        return 0
