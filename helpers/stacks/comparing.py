"""What a stack file asks for, beside what the swarm was asked for last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..messages import text
from ..text import columns, padded, plain
from .deploying import NAMESPACE
from .reading import Place, Planned, Stack, read
from .watching import Swarm

__all__ = ["Difference", "Differences", "compare"]

GIGA = 1_000_000_000


@dataclass(frozen=True)
class Difference:
    """One point in which a service of the file and of the swarm differ.

    ``point``: what: ``"replicas"``, ``"image"``, ``"service"`` (there is none on one side), …
    ``file``, ``cluster``: what each says; empty where it says nothing.
    """

    service: str
    point: str
    file: str
    cluster: str


@dataclass(frozen=True)
class Differences:
    """Every point in which a stack file and a swarm differ; empty if they agree."""

    stack: str
    rows: tuple[Difference, ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __str__(self) -> str:
        if not self.rows:
            return text("stacks.same", name=self.stack)
        head = tuple(
            text(f"stacks.head.{name}") for name in ("service", "point", "file", "cluster")
        )
        cells = [head, *((one.service, text(f"stacks.point.{one.point}"), one.file or "–",
                          one.cluster or "–") for one in self.rows)]  # fmt: skip
        wide = [max(columns(row[place]) for row in cells) for place in range(4)]
        return "\n".join(
            "  ".join(padded(cell, width) for cell, width in zip(row, wide, strict=True)).rstrip()
            for row in cells
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def compare(cluster: Swarm, place: Place | Path | str, name: str = "shop") -> Differences:
    """Compare a stack file with the services of a swarm, point by point.

    Compared are what the file says of image, command, mode and replicas, environment, constraints,
    reservations, limits, ports, secrets and configs; not health checks and update rules. Variables
    of an ``env_file`` are told as if the file did not have them.

    Raises
    ------
    NotFound, ComposeFailed: as for `helpers.stacks.read`.
    """
    stack = read(place)
    api = cluster.api()
    found = {}
    for one in api.services(filters={"label": f"{NAMESPACE}={name}"}):
        found[plain(one["Spec"]["Name"]).removeprefix(f"{name}_")] = one["Spec"]
    rows: list[Difference] = []
    for service in sorted(stack.services, key=lambda one: one.name):
        if service.name not in found:
            rows.append(Difference(service.name, "service", service.image, ""))
            continue
        wanted, actual = _planned(service, stack, name), _actual(found[service.name])
        rows += [
            Difference(
                service.name, point.partition(" ")[0], wanted.get(point, ""), actual.get(point, "")
            )
            for point in dict.fromkeys((*wanted, *actual))
            if wanted.get(point, "") != actual.get(point, "")
        ]
    gone = sorted(found.keys() - {one.name for one in stack.services})
    rows += [Difference(one, "service", "", _actual(found[one])["image"]) for one in gone]
    return Differences(name, tuple(rows))


def _planned(service: Planned, stack: Stack, name: str) -> dict[str, str]:
    def outer(kind: Mapping[str, str], one: str) -> str:
        return kind.get(one) or f"{name}_{one}"

    return {
        "image": service.image,
        "mode": service.mode,
        "replicas": "" if service.replicas is None else str(service.replicas),
        "command": _list(service.command),
        **{f"environment {k}": f"{k}={v}" for k, v in sorted(service.environment.items())},
        "constraints": ", ".join(sorted(service.constraints)),
        "reserved_cpus": _number(service.reserved_cpus),
        "reserved_memory": _bytes(service.reserved_memory),
        "most_cpus": _number(service.most_cpus),
        "most_memory": _bytes(service.most_memory),
        "ports": ", ".join(f"{out}→{inside}" for out, inside in sorted(service.ports.items())),
        "secrets": ", ".join(sorted(outer(stack.secrets, one) for one in service.secrets)),
        "configs": ", ".join(sorted(outer(stack.configs, one) for one in service.configs)),
    }


def _actual(spec: dict) -> dict[str, str]:
    task = spec.get("TaskTemplate") or {}
    inside = task.get("ContainerSpec") or {}
    asked = task.get("Resources") or {}
    least, most = asked.get("Reservations") or {}, asked.get("Limits") or {}
    mode = spec.get("Mode") or {}
    ports = (spec.get("EndpointSpec") or {}).get("Ports") or []
    constraints = (task.get("Placement") or {}).get("Constraints") or []
    found = {
        "image": str(inside.get("Image", "")).partition("@")[0],
        "mode": _mode(mode),
        "replicas": str((mode.get("Replicated") or {}).get("Replicas", "")),
        "command": _list(inside.get("Args") or []),
        **{f"environment {one.partition('=')[0]}": one for one in sorted(inside.get("Env") or [])},
        "constraints": ", ".join(sorted(" ".join(str(one).split()) for one in constraints)),
        "reserved_cpus": _number(least.get("NanoCPUs", 0) / GIGA),
        "reserved_memory": _bytes(least.get("MemoryBytes", 0)),
        "most_cpus": _number(most.get("NanoCPUs", 0) / GIGA),
        "most_memory": _bytes(most.get("MemoryBytes", 0)),
        "ports": ", ".join(sorted(f"{one.get('PublishedPort', 0)}→{one.get('TargetPort')}"
                                  for one in ports)),
        "secrets": _names(inside.get("Secrets") or [], "SecretName"),
        "configs": _names(inside.get("Configs") or [], "ConfigName"),
    }  # fmt: skip
    return {point: plain(said) for point, said in found.items()}


def _mode(mode: Mapping[str, object]) -> str:
    kinds = {"Global": "global", "ReplicatedJob": "replicated-job", "GlobalJob": "global-job"}
    return next((said for key, said in kinds.items() if mode.get(key) is not None), "replicated")


def _names(given: Iterable[Mapping[str, object]], key: str) -> str:
    return ", ".join(sorted(str(one.get(key, "")) for one in given))


def _list(words: Iterable[str]) -> str:
    found = list(words)
    return json.dumps(found, ensure_ascii=False) if found else ""


def _number(cores: float) -> str:
    return f"{cores:g}" if cores else ""


def _bytes(count: int) -> str:
    """Return ``32M``, as it is written in a stack file (powers of 1024)."""
    for unit, size in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
        if count and count % size == 0:
            return f"{count // size}{unit}"
    return f"{count}" if count else ""
