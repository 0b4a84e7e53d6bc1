"""Target tracking: what tasks use, and how many of them that asks for.

The rule is that of "Target tracking scaling policies" in the Application Auto Scaling user guide:
as many tasks as keep the metric at the target, at once more when it is above, fewer only when it is
clearly below, and never outside of the limits that were registered.

AWS looks at metrics of whole minutes and waits for three above the target, or fifteen below it.
Locally one look is taken every two seconds, and three above or five below decide.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from dataclasses import dataclass, field

from docker import errors
from ministack.core.responses import new_uuid, request_scope
from ministack.services import ecs

from . import processes
from .settings import engine

__all__ = ["DIMENSION", "METRICS", "SCALED", "Key", "Scaled", "decide", "service_of", "watch"]

PAUSE = 2.0  # seconds
ABOVE, BELOW = 3, 5  # looks in a row
CLEARLY = 0.9  # of the target: the alarm for scaling in lies ten per cent below it
COOLDOWN = 300  # seconds, where a policy says nothing
MIB = 1 << 20
SHARES = 1024  # CPU units in one vCPU
METRICS = ("ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization")
DIMENSION = "ecs:service:DesiredCount"
_log = logging.getLogger("course.scaling")
Key = tuple[str, str, str]  # account, region, "service/CLUSTER/NAME"


@dataclass
class Scaled:
    """A service that may be scaled, its policies, and what was done."""

    least: int
    most: int
    created: float = field(default_factory=time.time)
    policies: dict[str, dict] = field(default_factory=dict)
    activities: list[dict] = field(default_factory=list)
    above: int = 0
    below: int = 0
    changed: float = 0.0


SCALED: dict[Key, Scaled] = {}
_readings: dict[str, processes.Reading] = {}  # task ARN → the last look at its CPU time


def watch() -> None:
    """Start the thread that looks."""
    threading.Thread(target=_forever, daemon=True, name="course-scaling").start()


def service_of(resource: str) -> tuple[str, dict] | None:
    """Return key and record of the service that ``service/CLUSTER/NAME`` names, if it is active."""
    _, _, key = resource.partition("/")
    found = ecs._services.get(key)
    return (key, found) if found and found.get("status") == "ACTIVE" else None


def decide(metric: float, target: float, tasks: int, least: int, most: int) -> int:
    """Return how many tasks keep a metric at its target: ``ceil(tasks * metric / target)``.

    Parameters
    ----------
    metric, target: averages over the tasks, in per cent.
    tasks: how many there are.
    """
    wanted = math.ceil(tasks * metric / target - 1e-9)
    return max(least, min(most, max(wanted, 1 if least else wanted)))


def _forever() -> None:
    while True:
        time.sleep(PAUSE)
        for (account, region, name), one in list(SCALED.items()):
            try:
                with request_scope(account, region):
                    for policy in list(one.policies.values()):
                        _look(name, one, policy)
            except Exception:
                _log.exception("scaling %s", name)


def _look(name: str, one: Scaled, policy: dict) -> None:
    found = service_of(name)
    if found is None:
        return
    key, service = found
    tasks = [task for task in ecs._tasks.values()
             if task.get("group") == f"service:{service['serviceName']}"
             and task.get("clusterArn") == service["clusterArn"]
             and task.get("lastStatus") == "RUNNING"]  # fmt: skip
    rule = policy["TargetTrackingScalingPolicyConfiguration"]
    metric = rule["PredefinedMetricSpecification"]["PredefinedMetricType"]
    used = [value for task in tasks if (value := _used(task, metric)) is not None]
    if not used:
        return
    average, target = sum(used) / len(used), float(rule["TargetValue"])
    one.above = one.above + 1 if average > target else 0
    one.below = one.below + 1 if average < target * CLEARLY else 0
    now = service["desiredCount"]
    wanted = decide(average, target, len(tasks), one.least, one.most)
    out = one.above >= ABOVE and wanted > now
    back = one.below >= BELOW and wanted < now and not rule.get("DisableScaleIn")
    rest = rule.get("ScaleOutCooldown" if out else "ScaleInCooldown", COOLDOWN)
    if not (out or back) or time.time() - one.changed < rest:
        return
    one.changed, one.above, one.below = time.time(), 0, 0
    one.activities.insert(0, {
        "ActivityId": new_uuid(), "ServiceNamespace": "ecs", "ResourceId": name,
        "ScalableDimension": DIMENSION, "StartTime": time.time(), "EndTime": time.time(),
        "Description": f"Setting desired count to {wanted}.",
        "Cause": f"{metric} was {average:.0f} with a target of {target:.0f}, in policy "
                 f"{policy['PolicyName']}",
        "StatusCode": "Successful",
        "StatusMessage": f"Successfully set desired count to {wanted}.",
    })  # fmt: skip
    ecs._update_service({"cluster": key.partition("/")[0], "service": service["serviceName"],
                         "desiredCount": wanted})  # fmt: skip


def _used(task: dict, metric: str) -> float | None:
    """Return how much of what it reserves a task uses, in per cent; None if it is not known yet."""
    td = ecs._task_defs.get(task["taskDefinitionArn"].rpartition("/")[2]) or {}
    containers = td.get("containerDefinitions") or []
    cpu = int(td.get("cpu") or sum(one.get("cpu") or 0 for one in containers))
    memory = int(td.get("memory") or sum(one.get("memory") or 0 for one in containers))
    pids = [pid for one in task.get("_docker_ids") or [] if (pid := _pid(one))]
    if not pids or not cpu or not memory:
        return None
    now = processes.below(pids)
    if metric == METRICS[1]:
        return now.memory / (memory * MIB) * 100
    before = _readings.get(task["taskArn"])
    _readings[task["taskArn"]] = now
    if before is None or now.at <= before.at:
        return None
    cores = max(now.cpu - before.cpu, 0.0) / (now.at - before.at)
    return cores * SHARES / cpu * 100


def _pid(container: str) -> int | None:
    """Return the first process of a container, as the daemon counts: None if it does not run."""
    try:
        return engine().api.inspect_container(container)["State"]["Pid"] or None
    except errors.APIError:
        return None
