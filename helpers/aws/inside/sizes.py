"""What ECS refuses when a task definition is registered or a task is run, in ECS's own words.

Wraps ``RegisterTaskDefinition``. The pairs of CPU and memory are those of "Task CPU and memory" in
the Fargate section of the Amazon ECS developer guide.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import ecs

from .fields import REFUSED

__all__ = ["FARGATE", "install", "wrong"]

GIB = 1024  # MiB
# CPU units → memory in MiB.
FARGATE: dict[int, tuple[int, ...]] = {
    256: (512, 1 * GIB, 2 * GIB),
    512: tuple(range(1 * GIB, 4 * GIB + 1, GIB)),
    1024: tuple(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: tuple(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: tuple(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: tuple(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: tuple(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
}
LEAST = 6  # MiB: "don't specify less than 6 MiB" for Docker 20.10 and later


def install() -> None:
    """Put the checks into MiniStack's ECS."""
    ecs._ACTION_MAP["RegisterTaskDefinition"] = _checked(ecs._register_task_definition)


def _checked(original: Any) -> Any:
    def register(data: dict) -> Any:
        if reason := wrong(data):
            return error_response_json("ClientException", reason, 400)
        for key, read in (("cpu", _units), ("memory", _mebibytes)):
            if data.get(key):
                data[key] = str(read(data[key]))  # as ECS answers: units and MiB
        return original(data)

    return register


def wrong(data: dict) -> str | None:
    """Return what ECS says against a task definition, None if nothing."""
    containers = data.get("containerDefinitions") or []
    fargate = "FARGATE" in (data.get("requiresCompatibilities") or [])
    mode = data.get("networkMode") or ("awsvpc" if fargate else "bridge")
    for one in containers:
        name = one.get("name", "")
        if ignored := [key for key in REFUSED if one.get(key)]:
            return (f"The course's local AWS does not act on '{ignored[0]}' of container '{name}', "
                    "so it refuses it.")  # fmt: skip
        if not (one.get("memory") or one.get("memoryReservation") or data.get("memory")):
            return (f"Invalid setting for container '{name}'. At least one of 'memory' or "
                    "'memoryReservation' must be specified.")  # fmt: skip
        if one.get("memory") and one["memory"] < LEAST:
            return f"Invalid setting for container '{name}'. 'memory' must be at least {LEAST}."
        if one.get("memory", 0) and one["memory"] < one.get("memoryReservation", 0):
            return (f"Invalid setting for container '{name}'. 'memory' must be greater than "
                    "'memoryReservation'.")  # fmt: skip
        for mapping in one.get("portMappings") or []:
            host = mapping.get("hostPort")
            if mode == "awsvpc" and host and host != mapping["containerPort"]:
                return ("When networkMode=awsvpc, the host ports and container ports in port "
                        "mappings must match.")  # fmt: skip
    if containers and not any(one.get("essential", True) for one in containers):
        return "At least one container must be marked essential in the task definition."
    return _wrong_for_fargate(data, mode, containers) if fargate else None


def _wrong_for_fargate(data: dict, mode: str, containers: list[dict]) -> str | None:
    if mode != "awsvpc":
        return "Fargate only supports network mode 'awsvpc'."
    cpu, memory = _units(data.get("cpu")), _mebibytes(data.get("memory"))
    if not data.get("cpu") or not data.get("memory"):
        return "Fargate requires that 'cpu' and 'memory' be defined at the task level."
    if memory not in FARGATE.get(cpu or 0, ()):
        return ("No Fargate configuration exists for given values: "
                f"{data['cpu']} CPU, {data['memory']} memory. See the Amazon ECS documentation for "
                "the valid values.")  # fmt: skip
    if any(one.get("privileged") for one in containers):
        return "Privileged containers are not supported on Fargate."
    if any((one.get("host") or {}).get("sourcePath") for one in data.get("volumes") or []):
        return "Fargate does not support bind mounts with a 'sourcePath'."
    asked = sum(one.get("memory") or one.get("memoryReservation") or 0 for one in containers)
    if memory and asked > memory:
        return f"Total container memory of {asked} MiB exceeds the task memory of {memory} MiB."
    return None


def _units(text: Any) -> int | None:
    """CPU as units: ``"256"`` or ``".25 vCPU"``."""
    words = str(text or "").lower().split()
    try:
        if len(words) == 2 and words[1].startswith("vcpu"):
            return int(float(words[0]) * 1024)
        return int(words[0]) if words else None
    except ValueError:
        return None


def _mebibytes(text: Any) -> int | None:
    """Memory in MiB: ``"512"`` or ``"1 GB"``."""
    words = str(text or "").lower().split()
    try:
        if len(words) == 2 and words[1] == "gb":
            return int(float(words[0]) * GIB)
        return int(words[0]) if words else None
    except ValueError:
        return None
