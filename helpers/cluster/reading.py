"""What a manager tells of nodes, services and tasks, read into plain data."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime

import docker

from ..text import plain
from .model import Node, Service, Task, View

__all__ = ["seconds_of", "view", "view_of"]

NANO = 1_000_000_000
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)")
STACK = "com.docker.stack.namespace"
MODES = {"Replicated": "replicated", "Global": "global", "ReplicatedJob": "replicated-job",
         "GlobalJob": "global-job"}  # fmt: skip


def view(api: docker.APIClient) -> View:
    """Ask a manager for everything and return it; errors are those of the SDK."""
    at = time.time()
    nodes = api.nodes()
    services = api.services(status=True)
    return view_of(nodes, services, api.tasks(), at)


def view_of(nodes: list[dict], services: list[dict], tasks: list[dict], at: float = 0.0) -> View:
    """Return what three lists of the Engine API say, as a `View`."""
    found = tuple(sorted((_node(raw) for raw in nodes), key=lambda node: _natural(node.name)))
    names = {node.id: node.name for node in found}
    specs = {raw["ID"]: raw for raw in services}
    read = [_task(raw, names, specs) for raw in tasks if raw.get("ServiceID") in specs]
    read.sort(key=lambda task: (_natural(task.name), task.made, task.id))
    listed = sorted((_service(raw, read) for raw in services), key=lambda one: _natural(one.name))
    return View(found, tuple(listed), tuple(read), at)


def seconds_of(moment: str) -> float:
    """Return a time as the Engine API writes it (RFC 3339, nanoseconds) as Unix seconds."""
    parts = _TIME.match(moment or "")
    if not parts:
        return 0.0
    zone = "+00:00" if parts[3] == "Z" else parts[3]
    whole = datetime.fromisoformat(parts[1] + zone).astimezone(UTC).timestamp()
    return max(0.0, whole + float(f"0.{parts[2] or 0}"))


def _natural(name: str) -> list[tuple[int, str]]:
    """A key by which node-10 comes after node-2."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _node(raw: dict) -> Node:
    spec, told = raw.get("Spec") or {}, raw.get("Description") or {}
    resources = told.get("Resources") or {}
    manager = raw.get("ManagerStatus") or {}
    status = raw.get("Status") or {}
    return Node(
        id=raw["ID"],
        name=plain(told.get("Hostname") or raw["ID"]),
        role=spec.get("Role", "worker"),
        state=status.get("State", "unknown"),
        availability=spec.get("Availability", "active"),
        leader=bool(manager.get("Leader")),
        reachability=manager.get("Reachability", ""),
        cpus=resources.get("NanoCPUs", 0) / NANO,
        memory=int(resources.get("MemoryBytes", 0)),
        engine=plain((told.get("Engine") or {}).get("EngineVersion", "")),
        address=status.get("Addr") or manager.get("Addr", "").rpartition(":")[0],
        labels={plain(k): plain(v) for k, v in sorted((spec.get("Labels") or {}).items())},
    )


def _service(raw: dict, tasks: Iterable[Task]) -> Service:
    spec = raw["Spec"]
    template = spec.get("TaskTemplate") or {}
    (kind,) = list(spec.get("Mode") or {"Replicated": {}})[:1]
    status = raw.get("ServiceStatus") or {}
    running = sum(task.runs for task in tasks if task.service == plain(spec["Name"]))
    reserved = (template.get("Resources") or {}).get("Reservations") or {}
    return Service(
        id=raw["ID"],
        name=plain(spec["Name"]),
        image=_image(template),
        mode=MODES.get(kind, kind.lower()),
        desired=_desired(spec["Mode"], kind, status),
        running=running,
        stack=plain((spec.get("Labels") or {}).get(STACK, "")),
        update=(raw.get("UpdateStatus") or {}).get("State", ""),
        constraints=tuple(map(plain, (template.get("Placement") or {}).get("Constraints") or ())),
        reserved_cpus=reserved.get("NanoCPUs", 0) / NANO,
        reserved_memory=int(reserved.get("MemoryBytes", 0)),
        ports=tuple(_port(port) for port in (raw.get("Endpoint") or {}).get("Ports") or ()),
    )


def _desired(mode: dict, kind: str, status: dict) -> int | None:
    if kind == "Replicated":
        return int((mode[kind] or {}).get("Replicas", 1))
    if kind == "ReplicatedJob":
        return int((mode[kind] or {}).get("TotalCompletions", 1))
    return status.get("DesiredTasks") or None


def _image(template: dict) -> str:
    return plain((template.get("ContainerSpec") or {}).get("Image", "")).partition("@")[0]


def _port(port: dict) -> str:
    end = f"{port['TargetPort']}/{port.get('Protocol', 'tcp')}"
    return f"*:{port['PublishedPort']}->{end}" if port.get("PublishedPort") else end


def _task(raw: dict, nodes: dict[str, str], services: dict[str, dict]) -> Task:
    status = raw.get("Status") or {}
    held = status.get("ContainerStatus") or {}
    service = plain(services[raw["ServiceID"]]["Spec"]["Name"])
    identifier = raw.get("NodeID", "")
    node = nodes.get(identifier, identifier)
    slot = int(raw.get("Slot") or 0)
    state = status.get("State", "new")
    reason = status.get("Err") or (status.get("Message", "") if state == "pending" else "")
    over = state in ("complete", "failed", "shutdown")
    return Task(
        id=raw["ID"],
        name=f"{service}.{slot or node}",
        service=service,
        slot=slot,
        node=node,
        state=state,
        desired=raw.get("DesiredState", ""),
        reason=plain(reason),
        image=_image(raw.get("Spec") or {}),
        since=seconds_of(status.get("Timestamp", "")),
        made=seconds_of(raw.get("CreatedAt", "")),
        container=held.get("ContainerID", ""),
        exit_code=held.get("ExitCode", 0) if over and held.get("ContainerID") else None,
    )
