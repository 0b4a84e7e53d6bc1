"""Where a task runs: what RunTask checks, and which instance it is placed on.

Wraps ``ministack.services.ecs._run_task``, which the service scheduler calls as well. The rules are
those of "Task placement" in the Amazon ECS developer guide; locally there is one Availability Zone,
so spreading over zones says nothing.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecs

from .credentials import assumable
from .instances import INSTANCES, Instance, free, of_cluster, reserved, tasks_on

__all__ = ["NO_ROOM", "install", "instance_of", "placed"]

NO_ROOM = {"CPU": "RESOURCE:CPU", "MEMORY": "RESOURCE:MEMORY"}
WAIT = 10.0  # seconds for a task's record to be told its instance
_known: dict[str, threading.Event] = {}
_one_at_a_time = threading.RLock()  # else two requests could both take the last room


def install() -> None:
    """Put placement into MiniStack's ECS."""
    run = _placing(ecs._run_task)
    ecs._run_task = ecs._ACTION_MAP["RunTask"] = run
    ecs._ACTION_MAP["CreateService"] = _checked(ecs._create_service)
    ecs._ACTION_MAP["StartTask"] = lambda data: error_response_json(
        "ClientException", "The course's local AWS has no StartTask; use RunTask.", 400
    )


def placed(arn: str) -> threading.Event:
    """Return the event that is set once a task's instance stands in its record."""
    return _known.setdefault(arn, threading.Event())


def instance_of(task: dict) -> Instance | None:
    """Return the instance that a task was placed on; None for Fargate."""
    return INSTANCES.get(task.get("containerInstanceArn") or "")


def _definition(data: dict) -> dict | None:
    return ecs._task_defs.get(ecs._resolve_td_key(data.get("taskDefinition", "")))


def _kind(data: dict) -> tuple[str | None, Any]:
    """Return the launch type that a request comes to, or the error that ECS answers."""
    cluster = ecs._resolve_cluster_name(data.get("cluster") or "default")
    if cluster is None or cluster not in ecs._clusters:
        return None, error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    kind, strategy, error = ecs._launch_choice(data, ecs._clusters[cluster])
    if error:
        return None, error
    kind, _ = ecs._task_capacity(kind, strategy)
    td = _definition(data)
    if td is None:
        return kind, None
    wanted = td.get("requiresCompatibilities") or []
    if kind != "EC2" and kind not in wanted:
        return None, error_response_json(
            "InvalidParameterException",
            f"Task definition does not support launch_type {kind}.",
            400,
        )
    network = (data.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    if td.get("networkMode") == "awsvpc":
        if kind == "EXTERNAL":
            return None, error_response_json(
                "InvalidParameterException",
                "The awsvpc network mode is not supported for the launch type EXTERNAL.",
                400,
            )
        if not network.get("subnets"):
            return None, error_response_json(
                "InvalidParameterException",
                "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
                400,
            )
    elif network:
        return None, error_response_json(
            "InvalidParameterException",
            "Network Configuration is not valid for the given networkMode of this task definition.",
            400,
        )
    role = td.get("taskRoleArn")
    if role and not assumable(role):
        return None, error_response_json(
            "ClientException",
            f"ECS was unable to assume the role '{role}' that was provided for this task. Please "
            "verify that the role being passed has the proper trust relationship and permissions.",
            400,
        )
    if kind == "EXTERNAL" and data.get("loadBalancers"):
        return None, error_response_json(
            "InvalidParameterException",
            "Load balancers are not supported for services of launch type EXTERNAL.",
            400,
        )
    if reason := _beyond(td, data, kind):
        return None, error_response_json("ClientException", reason, 400)
    return kind, None


def _beyond(td: dict, data: dict, kind: str | None) -> str | None:
    """Return what of a request the course's local AWS would not act on, so that it is refused."""
    rules = [*(td.get("placementConstraints") or []), *(data.get("placementConstraints") or [])]
    if any(one.get("type") == "memberOf" for one in rules):
        return "The course's local AWS does not act on placement constraints of type memberOf."
    if kind == "EXTERNAL" and td.get("taskRoleArn"):
        return "The course's local AWS gives no task role to tasks of launch type EXTERNAL."
    if kind == "EXTERNAL" and td.get("volumes"):
        return "The course's local AWS makes no volumes for tasks of launch type EXTERNAL."
    return None


def _checked(original: Callable[[dict], Any]) -> Callable[[dict], Any]:
    def create(data: dict) -> Any:
        _, error = _kind(data)
        return error or original(data)

    return create


def _placing(original: Callable[[dict], Any]) -> Callable[[dict], Any]:
    def run(data: dict) -> Any:
        kind, error = _kind(data)
        if error:
            return error
        td = _definition(data)
        if td is None:
            return original(data)
        with _one_at_a_time:
            if kind == "FARGATE":
                return _one(original, data, None, data.get("count", 1))
            return _on_instances(original, data, td, kind == "EXTERNAL")

    return run


def _on_instances(original: Callable, data: dict, td: dict, external: bool) -> Any:
    cluster = ecs._resolve_cluster_name(data.get("cluster") or "default")
    if not of_cluster(cluster, external):
        return error_response_json(
            "InvalidParameterException", "No Container Instances were found in your cluster.", 400
        )
    tasks, failures = [], []
    for _ in range(data.get("count", 1)):
        found, reasons = _choose(of_cluster(cluster, external), td, data)
        if found is None:
            failures += [{"arn": arn, "reason": reason} for arn, reason in reasons]
            continue
        answer = _one(original, data, found, 1)
        body = json.loads(answer[2])
        if answer[0] != 200:
            return answer
        tasks += body["tasks"]
    return json_response({"tasks": tasks, "failures": failures})


def _one(original: Callable, data: dict, instance: Instance | None, count: int) -> Any:
    """Let MiniStack start tasks, and write down in each where it runs."""
    status, headers, body = original({**data, "count": count})
    if status != 200:
        return status, headers, body
    answer = json.loads(body)
    for shown in answer["tasks"]:
        task = ecs._tasks[shown["taskArn"]]
        for record in (task, shown):
            if instance:
                record["containerInstanceArn"] = instance.arn
                record["launchType"] = "EXTERNAL" if instance.external else "EC2"
            else:
                record.pop("containerInstanceArn", None)
        placed(task["taskArn"]).set()
    return status, headers, json.dumps(answer).encode()


def _choose(
    instances: list[Instance], td: dict, data: dict
) -> tuple[Instance | None, list[tuple[str, str]]]:
    """Return the instance for one more task, or why each of them does not take it."""
    fitting, reasons = [], []
    for one in instances:
        if one.status != "ACTIVE" or not one.connected:
            reasons.append((one.arn, "AGENT"))
        elif reason := _lacks(one, td, data):
            reasons.append((one.arn, reason))
        else:
            fitting.append(one)
    if not fitting:
        return None, reasons
    return _preferred(fitting, data), []


def _lacks(one: Instance, td: dict, data: dict) -> str | None:
    cpu, memory = free(one)
    wanted_cpu, wanted_memory = reserved(td)
    if wanted_memory > memory:
        return NO_ROOM["MEMORY"]
    if wanted_cpu > cpu:
        return NO_ROOM["CPU"]
    ports = _host_ports(td)
    taken = {port for task in tasks_on(one) for port in _host_ports(_of(task))}
    if ports & taken:
        return "RESOURCE:PORTS"
    distinct = any(
        c.get("type") == "distinctInstance" for c in data.get("placementConstraints") or []
    )
    if distinct and any(task.get("group") == data.get("group") for task in tasks_on(one)):
        return "MemberOf placement constraint unsatisfied."
    return None


def _of(task: dict) -> dict:
    return ecs._task_defs.get(task["taskDefinitionArn"].rpartition("/")[2]) or {}


def _host_ports(td: dict) -> set[int]:
    return {mapping["hostPort"] for one in td.get("containerDefinitions") or []
            for mapping in one.get("portMappings") or [] if mapping.get("hostPort")}  # fmt: skip


def _preferred(fitting: list[Instance], data: dict) -> Instance:
    strategy = (data.get("placementStrategy") or [{"type": "spread"}])[0]
    if strategy["type"] == "random":
        return random.choice(fitting)
    if strategy["type"] == "binpack":
        which = 0 if strategy.get("field", "").lower() == "cpu" else 1
        return min(fitting, key=lambda one: (free(one)[which], one.registered, one.arn))
    same = lambda one: sum(t.get("group") == data.get("group") for t in tasks_on(one))  # noqa: E731
    return min(fitting, key=lambda one: (same(one), len(tasks_on(one)), one.arn))
