"""A load balancer that looks: health checks of a target group.

MiniStack calls every target healthy. Here each target is asked as its group says (path, interval,
timeout, thresholds), and ECS replaces a task whose target stays unhealthy ("Amazon ECS service
scheduler", developer guide). Which of them gets a request: `helpers.aws.inside.forwarding`.
"""

from __future__ import annotations

import http.client
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import alb, ecs

from . import keeping

__all__ = ["Health", "health_of", "healthy", "install", "port_of"]

PAUSE = 0.25  # seconds between two looks at which target is due
_log = logging.getLogger("course.targets")


@dataclass
class Health:
    """What is known of one target: its state, and how often in a row it answered or did not."""

    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    good: int = 0
    bad: int = 0
    due: float = field(default_factory=time.monotonic)
    asking: bool = False


_health: dict[tuple[str, str, int], Health] = {}


def install() -> None:
    """Put this into MiniStack's ECS, and start the thread."""
    ecs._complete_service_deployment = _when_well(ecs._complete_service_deployment)
    threading.Thread(target=_forever, daemon=True, name="course-targets").start()


def port_of(target: dict, group: dict) -> int:
    """Return the port at which a target gets requests: its own, or its group's."""
    return int(target.get("Port") or group.get("Port") or 80)


def _forever() -> None:
    pool = ThreadPoolExecutor(16, thread_name_prefix="course-health")
    while True:
        time.sleep(PAUSE)
        try:
            _round(pool)
        except Exception:
            _log.exception("looking at targets")


def _round(pool: ThreadPoolExecutor) -> None:
    present = set()
    for (account, region, arn), group in list(alb._tgs.all_items()):
        if group.get("TargetType") == "lambda":
            continue
        for target in list(alb._targets.get_scoped(account, region, arn, [])):
            key = (arn, str(target["Id"]), port_of(target, group))
            present.add(key)
            health = _health.setdefault(key, Health())
            if time.monotonic() >= health.due and not health.asking:
                health.asking = True
                pool.submit(_ask, key, group, health, account, region)
    for key in set(_health) - present:
        del _health[key]


def _ask(key: tuple[str, str, int], group: dict, health: Health, account: str, region: str) -> None:
    """Ask one target, and change its state when a threshold is reached."""
    try:
        well, reason = _answers(key, group)
        if well:
            health.good, health.bad = health.good + 1, 0
            # the first success is enough for a target that was just registered
            if health.state == "initial" or health.good >= int(
                group.get("HealthyThresholdCount", 5)
            ):
                health.state, health.reason = "healthy", ""
        else:
            health.good, health.bad = 0, health.bad + 1
            if health.bad >= int(group.get("UnhealthyThresholdCount", 2)):
                if health.state != "unhealthy":
                    health.state = "unhealthy"
                    with request_scope(account, region):
                        _replace(key[0], key[1])
                health.reason = reason
        health.due = time.monotonic() + float(group.get("HealthCheckIntervalSeconds", 30))
    finally:
        health.asking = False


def _answers(key: tuple[str, str, int], group: dict) -> tuple[bool, str]:
    _, host, port = key
    wanted = group.get("HealthCheckPort", "traffic-port")
    place = port if wanted == "traffic-port" else int(wanted)
    connection = http.client.HTTPConnection(
        host, place, timeout=float(group.get("HealthCheckTimeoutSeconds", 5))
    )
    try:
        connection.request("GET", group.get("HealthCheckPath") or "/",
                           headers={"User-Agent": "ELB-HealthChecker/2.0"})  # fmt: skip
        status = connection.getresponse().status
    except TimeoutError:
        return False, "Target.Timeout"
    except (OSError, http.client.HTTPException):
        return False, "Target.FailedHealthChecks"
    finally:
        connection.close()
    matcher = group.get("Matcher") or {}
    accepted = str(matcher.get("HttpCode") if isinstance(matcher, dict) else matcher or "200")
    return _accepted(status, accepted or "200"), "Target.ResponseCodeMismatch"


def _accepted(status: int, codes: str) -> bool:
    """Whether a status is one of ``"200"``, ``"200,202"``, ``"200-299"``."""
    for part in codes.split(","):
        first, _, last = part.partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False


def _replace(group: str, address: str) -> None:
    """Stop the task of an unhealthy target, unless its service still gives it time."""
    for task in list(ecs._tasks.values()):
        if task.get("lastStatus") != "RUNNING" or ecs._task_ip(task) != address:
            continue
        found = keeping.service_of(task)
        if not found or not any(lb.get("targetGroupArn") == group
                                for lb in found[1].get("loadBalancers") or []):  # fmt: skip
            continue
        grace = int(found[1].get("healthCheckGracePeriodSeconds") or 0)
        if time.time() - ecs._ts_to_epoch(task["startedAt"]) < grace:
            return
        where = f"(target-group {group})"
        number = task["taskArn"].rpartition("/")[2]
        why = f"(task {number}) is unhealthy in {where} due to (reason Health checks failed)."
        keeping.event(found[1], why)
        keeping.replace(task, f"Task failed ELB health checks in {where}")
        return


def health_of(arn: str, target: dict, group: dict) -> Health:
    """Return what is known of a target of a group."""
    return _health.get((arn, str(target["Id"]), port_of(target, group)), Health())


def healthy(arn: str, group: dict) -> list[dict]:
    """Return the targets that take requests: healthy ones, or all if none is (AWS fails open)."""
    registered = alb._targets.get(arn, [])
    known = [health_of(arn, one, group) for one in registered]
    if registered and all(health.state == "unhealthy" for health in known):
        return registered
    return [one for one, health in zip(registered, known, strict=True) if health.state == "healthy"]


def _when_well(original: Any) -> Any:
    """A deployment is complete when the load balancer finds its tasks well, not before.

    Until then the tasks of the one before it stay. `helpers.aws.inside.keeping` asks again.
    """

    def complete(cluster: str, key: str, *rest: Any, **named: Any) -> None:
        service = ecs._services.get(key)
        if service and not _all_well(service):
            return
        original(cluster, key, *rest, **named)

    return complete


def _all_well(service: dict) -> bool:
    primary = ecs._primary_deployment(service)
    groups = [lb["targetGroupArn"] for lb in service.get("loadBalancers") or []
              if lb.get("targetGroupArn")]  # fmt: skip
    for task in list(ecs._tasks.values()) if groups else []:
        mine = task.get("group") == f"service:{service['serviceName']}"
        if mine and task.get("lastStatus") == "RUNNING" and primary is (
                ecs._deployment_for_task(service, task)):  # fmt: skip
            states = {health.state for (arn, host, _), health in list(_health.items())
                      if arn in groups and host == ecs._task_ip(task)}  # fmt: skip
            if states != {"healthy"}:
                return False
    return True
