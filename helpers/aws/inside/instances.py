"""Container instances: what a cluster has to run tasks on, and what of it is taken.

MiniStack has none. Here an instance is a record with so much CPU and memory, as its agent
registered it. Tasks of launch type EC2 are started by this daemon whatever instance they are placed
on; tasks of launch type EXTERNAL are started by the agent of theirs (`helpers.aws.inside.agents`).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    new_uuid,
)
from ministack.services import ecs

from .ending import end

__all__ = ["INSTANCES", "Instance", "free", "install", "of_cluster", "reserved"]

EXTERNAL = re.compile(r"mi-[0-9a-f]{17}")
STATES = ("ACTIVE", "DRAINING")


@dataclass
class Instance:
    """One container instance.

    Fields
    ------
    arn, cluster: which it is, and the name of its cluster.
    number: ``i-…`` of an EC2 instance, ``mi-…`` of an external one.
    cpu, memory: what its agent registered, in units and MiB.
    """

    arn: str
    cluster: str
    number: str
    cpu: int
    memory: int
    account: str
    region: str
    status: str = "ACTIVE"
    connected: bool = True
    attributes: list[dict] = field(default_factory=list)
    tags: list[dict] = field(default_factory=list)
    version: int = 1
    registered: float = field(default_factory=lambda: ecs._iso())

    @property
    def external(self) -> bool:
        return bool(EXTERNAL.fullmatch(self.number))


INSTANCES: dict[str, Instance] = {}  # by ARN


def install() -> None:
    """Answer the calls about container instances."""
    ecs._ACTION_MAP.update({
        "RegisterContainerInstance": _register,
        "DeregisterContainerInstance": _deregister,
        "ListContainerInstances": _list,
        "DescribeContainerInstances": _describe,
        "UpdateContainerInstancesState": _update,
    })  # fmt: skip
    reset = ecs.reset

    def whole() -> None:
        reset()
        INSTANCES.clear()

    ecs.reset = whole


def of_cluster(cluster: str, external: bool) -> list[Instance]:
    """Return a cluster's instances of one kind that take tasks."""
    return [one for one in INSTANCES.values()
            if one.cluster == cluster and one.external == external
            and (one.account, one.region) == (get_account_id(), get_region())]  # fmt: skip


def reserved(td: dict) -> tuple[int, int]:
    """Return what a task reserves on its instance: CPU units, MiB of memory."""
    containers = td.get("containerDefinitions") or []
    cpu = int(td.get("cpu") or sum(one.get("cpu") or 0 for one in containers))
    memory = int(td.get("memory") or sum(
        one.get("memoryReservation") or one.get("memory") or 0 for one in containers))  # fmt: skip
    return cpu, memory


def tasks_on(instance: Instance) -> list[dict]:
    """Return the tasks that an instance has and that have not stopped."""
    return [task for _, task in ecs._tasks.all_items()
            if task.get("containerInstanceArn") == instance.arn
            and task.get("lastStatus") != "STOPPED"]  # fmt: skip


def free(instance: Instance) -> tuple[int, int]:
    """Return what is left of an instance: CPU units, MiB of memory."""
    cpu, memory = instance.cpu, instance.memory
    for task in tasks_on(instance):
        td = ecs._task_defs.get_scoped(
            instance.account, instance.region, task["taskDefinitionArn"].rpartition("/")[2]
        )
        taken = reserved(td or {})
        cpu, memory = cpu - taken[0], memory - taken[1]
    return cpu, memory


def _register(data: dict) -> Any:
    cluster = ecs._resolve_cluster_name(data.get("cluster") or "default")
    if cluster is None or cluster not in ecs._clusters:
        return error_response_json("ClusterNotFoundException", "Cluster not found.", 400)
    total = {one["name"]: one.get("integerValue", 0) for one in data.get("totalResources") or []}
    if total.get("CPU", 0) <= 0 or total.get("MEMORY", 0) <= 0:
        return error_response_json(
            "ClientException", "totalResources must name CPU and MEMORY, both above 0.", 400
        )
    number = _number(data.get("instanceIdentityDocument") or "")
    arn = data.get("containerInstanceArn") or (
        f"arn:{_partition()}:ecs:{get_region()}:{get_account_id()}:container-instance/"
        f"{cluster}/{new_uuid().replace('-', '')}")  # fmt: skip
    made = Instance(arn, cluster, number, total["CPU"], total["MEMORY"], get_account_id(),
                    get_region(), attributes=data.get("attributes") or [],
                    tags=data.get("tags") or [])  # fmt: skip
    INSTANCES[arn] = made
    _count(cluster)
    return json_response({"containerInstance": _shown(made)})


def _deregister(data: dict) -> Any:
    found = _find(data.get("containerInstance", ""), data.get("cluster") or "default")
    if found is None:
        return _unknown()
    running = tasks_on(found)
    if running and not data.get("force"):
        return error_response_json(
            "InvalidParameterException",
            "Found running tasks on the instance. Stop them or use the force option.",
            400,
        )
    for task in running:
        reason = "The container instance was deregistered"
        if found.external:  # "these tasks remain running", and ECS forgets them (API reference)
            end(task, reason, "UserInitiated")
        else:
            ecs._stop_task({"task": task["taskArn"], "cluster": found.cluster, "reason": reason})
    found.status = "INACTIVE"
    INSTANCES.pop(found.arn)
    _count(found.cluster)
    return json_response({"containerInstance": _shown(found)})


def _list(data: dict) -> Any:
    cluster = ecs._resolve_cluster_name(data.get("cluster") or "default") or ""
    wanted = data.get("status")
    rows = [one.arn for kind in (False, True) for one in of_cluster(cluster, kind)
            if wanted in (None, one.status)]  # fmt: skip
    return json_response({"containerInstanceArns": rows})


def _describe(data: dict) -> Any:
    found, missing = [], []
    for reference in data.get("containerInstances") or []:
        one = _find(reference, data.get("cluster") or "default")
        if one:
            found.append(_shown(one))
        else:
            missing.append({"arn": reference, "reason": "MISSING"})
    return json_response({"containerInstances": found, "failures": missing})


def _update(data: dict) -> Any:
    if data.get("status") not in STATES:
        return error_response_json(
            "InvalidParameterException", "status must be ACTIVE or DRAINING.", 400
        )
    found, missing = [], []
    for reference in data.get("containerInstances") or []:
        one = _find(reference, data.get("cluster") or "default")
        if one is None:
            missing.append({"arn": reference, "reason": "MISSING"})
            continue
        one.status, one.version = data["status"], one.version + 1
        found.append(_shown(one))
    return json_response({"containerInstances": found, "failures": missing})


def _shown(one: Instance) -> dict:
    """Return the wire shape of an instance."""
    cpu, memory = free(one)
    states = [task["lastStatus"] for task in tasks_on(one)]
    resource = lambda name, value: {"name": name, "type": "INTEGER", "doubleValue": 0.0,  # noqa: E731
                                    "longValue": 0, "integerValue": value}  # fmt: skip
    return {
        "containerInstanceArn": one.arn,
        "ec2InstanceId": one.number,
        "status": one.status,
        "agentConnected": one.connected,
        "version": one.version,
        "registeredResources": [resource("CPU", one.cpu), resource("MEMORY", one.memory)],
        "remainingResources": [resource("CPU", cpu), resource("MEMORY", memory)],
        "runningTasksCount": states.count("RUNNING"),
        "pendingTasksCount": len(states) - states.count("RUNNING"),
        "registeredAt": one.registered,
        "attributes": one.attributes,
        "tags": one.tags,
    }


def _number(document: str) -> str:
    found = re.search(r'"instanceId"\s*:\s*"((?:i|mi)-[0-9a-f]{17})"', document)
    return found[1] if found else f"i-{secrets.token_hex(9)[:17]}"


def _find(reference: str, cluster: str) -> Instance | None:
    name = ecs._resolve_cluster_name(cluster)
    for one in INSTANCES.values():
        same = (one.account, one.region, one.cluster) == (get_account_id(), get_region(), name)
        if same and reference in (one.arn, one.arn.rpartition("/")[2]):
            return one
    return None


def _count(cluster: str) -> None:
    ecs._clusters[cluster]["registeredContainerInstancesCount"] = len(
        [*of_cluster(cluster, False), *of_cluster(cluster, True)]
    )


def _partition() -> str:
    return "aws-cn" if get_region().startswith("cn-") else "aws"


def _unknown() -> Any:
    return error_response_json(
        "InvalidParameterException", "The container instance was not found.", 400
    )
