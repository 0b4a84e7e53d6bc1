"""Instances that are being emptied: DRAINING, by the rules of UpdateContainerInstancesState.

"Service tasks in the PENDING state are stopped immediately. Service tasks in the RUNNING state are
stopped and replaced according to minimumHealthyPercent and maximumPercent"; tasks of no service
stay (ECS API reference). Here replacements are not started in advance, so an instance is emptied
only as far as minimumHealthyPercent allows without them.
"""

from __future__ import annotations

from ministack.core.responses import request_scope
from ministack.services import ecs

from .instances import INSTANCES, Instance, tasks_on

__all__ = ["step"]

REASON = "The container instance is draining"


def step() -> None:
    """Stop what may be stopped on each instance that is draining."""
    for instance in list(INSTANCES.values()):
        if instance.status == "DRAINING":
            with request_scope(instance.account, instance.region):
                _empty(instance)


def _empty(instance: Instance) -> None:
    for task in tasks_on(instance):
        group = task.get("group", "")
        service = ecs._services.get(f"{instance.cluster}/{group.partition(':')[2]}")
        if not service or not group.startswith("service:") or task["desiredStatus"] == "STOPPED":
            continue
        if task["lastStatus"] != "RUNNING" or _running(instance, group) > _least(service):
            ecs._stop_task({"cluster": instance.cluster, "task": task["taskArn"],
                            "reason": REASON})  # fmt: skip


def _running(instance: Instance, group: str) -> int:
    return sum(task.get("group") == group and task["lastStatus"] == "RUNNING"
               and task["desiredStatus"] == "RUNNING"
               and ecs._cluster_name_from_arn(task.get("clusterArn", "")) == instance.cluster
               for task in ecs._tasks.values())  # fmt: skip


def _least(service: dict) -> int:
    """How many tasks of a service must run, whatever happens."""
    share = (service.get("deploymentConfiguration") or {}).get("minimumHealthyPercent", 100)
    return -(-service.get("desiredCount", 0) * int(share) // 100)
