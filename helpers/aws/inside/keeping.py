"""What ECS looks after unasked: tasks that are gone or sick, services that are short of some.

MiniStack looks at a task's containers, but takes one that was removed for a daemon that is away,
and it looks at no health check. Here one thread goes over all tasks and services every half second.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from typing import Any

from docker import errors
from ministack.core.concurrency import resource_lock
from ministack.core.responses import request_scope
from ministack.services import ecs

from . import draining
from .fields import volume, volumes_of
from .settings import engine

__all__ = ["event", "install", "replace", "service_of"]

PAUSE = 0.5  # seconds
STARTING = ("PROVISIONING", "PENDING", "ACTIVATING")
HEALTH = {"healthy": "HEALTHY", "unhealthy": "UNHEALTHY", "starting": "UNKNOWN"}
NO_ROOM = "was unable to place a task because no container instance met all of its requirements."
_log = logging.getLogger("course.keeping")


def install() -> None:
    """Put this into MiniStack's ECS, and start the thread."""
    ecs._cleanup_task_resources = _with_volumes(ecs._cleanup_task_resources)
    ecs._mark_task_running = _telling(ecs._mark_task_running, "started")
    ecs._mark_task_stopped = _telling(ecs._mark_task_stopped, "stopped")
    ecs._ACTION_MAP["DeleteCluster"] = _thoroughly(ecs._delete_cluster)
    threading.Thread(target=_forever, daemon=True, name="course-keeping").start()


def event(service: dict, message: str) -> None:
    """Add an event to a service, unless it is the one that stands on top already."""
    whole = f"(service {service['serviceName']}) {message}"
    if service["events"] and service["events"][0]["message"] == whole:
        return
    row = {"id": ecs.new_uuid(), "createdAt": ecs._iso(), "message": whole}
    service["events"].insert(0, row)
    del service["events"][100:]  # "a maximum of 100 service events" (ECS developer guide)


def service_of(task: dict) -> tuple[str, dict] | None:
    """Return the key and the record of the service that a task belongs to."""
    group = task.get("group", "")
    cluster = ecs._cluster_name_from_arn(task.get("clusterArn", ""))
    if not cluster or not group.startswith("service:"):
        return None
    key = f"{cluster}/{group.partition(':')[2]}"
    found = ecs._services.get(key)
    return (key, found) if found else None


def _forever() -> None:
    while True:
        time.sleep(PAUSE)
        try:
            for (account, region, _), task in list(ecs._tasks.all_items()):
                if task.get("lastStatus") == "RUNNING" and task.get("launchType") != "EXTERNAL":
                    with request_scope(account, region):
                        _look_after(task)
            draining.step()
            for (account, region, key), service in list(ecs._services.all_items()):
                if service.get("status") == "ACTIVE":
                    with request_scope(account, region):
                        _complete(key, service)
        except Exception:  # one odd record must not end the watch over all others
            _log.exception("looking after tasks")


def _look_after(task: dict) -> None:
    """Stop a task whose container was removed, or is not well; a service replaces it."""
    sick = False
    states = []
    for index, identifier in enumerate(task.get("_docker_ids") or []):
        try:
            state = engine().api.inspect_container(identifier)["State"]
        except errors.NotFound:
            _stop(task, "Essential container in task exited", "EssentialContainerExited", 137)
            return
        health = HEALTH.get((state.get("Health") or {}).get("Status", ""), "UNKNOWN")
        if index < len(task["containers"]):
            task["containers"][index]["healthStatus"] = health
        essential = (task.get("_container_essentials") or [True] * (index + 1))[index]
        states.append(health)
        sick = sick or (health == "UNHEALTHY" and essential)
    known = [one for one in states if one != "UNKNOWN"]
    task["healthStatus"] = "UNHEALTHY" if sick else "HEALTHY" if known else "UNKNOWN"
    if sick and service_of(task):
        _, service = service_of(task)
        event(service, f"(task {_short(task)}) failed container health checks.")
        replace(task, "Task failed container health checks")


def replace(task: dict, reason: str) -> None:
    """Stop a task that its service shall replace."""
    _stop(task, reason, "ServiceSchedulerInitiated", None)


def _stop(task: dict, reason: str, code: str, exit_code: int | None) -> None:
    stopped = ecs._mark_task_stopped(task["taskArn"], task, reason, code, exit_code=exit_code)
    if not stopped:
        return
    ecs._cleanup_task_resources(task, engine())
    if found := service_of(task):
        if code == "ServiceSchedulerInitiated":
            ecs._record_service_task_failure(task)
        cluster = found[0].partition("/")[0]
        ecs._reconcile_service_tasks(cluster, found[0])


def _complete(key: str, service: dict) -> None:
    """Start what a service is short of; say so when there is no room, or when all is well."""
    cluster = key.partition("/")[0]
    tasks = [task for task in ecs._tasks.values() if service_of(task) == (key, service)]
    alive = [task for task in tasks if task.get("lastStatus") in (*STARTING, "RUNNING")]
    running = [task for task in alive if task["lastStatus"] == "RUNNING"]
    primary = ecs._primary_deployment(service)
    if primary and primary.get("rolloutState") == "IN_PROGRESS":
        ecs._complete_service_deployment(cluster, key)
    wanted = service["desiredCount"]
    if len(alive) < wanted:
        before = len(alive)
        with resource_lock("course-service", key):
            ecs._reconcile_service_tasks(cluster, key)
        after = [
            t
            for t in ecs._tasks.values()
            if service_of(t) == (key, service) and t.get("lastStatus") in (*STARTING, "RUNNING")
        ]
        if len(after) == before:
            event(service, NO_ROOM)
    elif len(running) == wanted == len(alive) and all(
            dep.get("rolloutState") == "COMPLETED" for dep in service["deployments"]
            if dep["status"] == "PRIMARY"):  # fmt: skip
        event(service, "has reached a steady state.")


def _telling(original: Any, verb: str) -> Any:
    def mark(arn: str, task: dict, *rest: Any, **named: Any) -> Any:
        done = original(arn, task, *rest, **named)
        if done and (found := service_of(task)):
            words = f"has {verb} 1 tasks: (task {_short(task)})."
            if verb == "stopped":
                words = f"has stopped 1 running tasks: (task {_short(task)})."
            event(found[1], words)
        return done

    return mark


def _with_volumes(original: Any) -> Any:
    """Remove the volumes that a task's containers shared."""

    def clean(task: dict, client: Any, *rest: Any) -> None:
        original(task, client, *rest)
        td = ecs._task_defs.get(task.get("taskDefinitionArn", "").rpartition("/")[2]) or {}
        number = task.get("taskArn", "").rpartition("/")[2]
        for name in volumes_of(td):
            try:
                engine().api.remove_volume(volume(number, name), force=True)
            except errors.APIError:
                continue

    return clean


def _short(task: dict) -> str:
    return task["taskArn"].rpartition("/")[2]


def _thoroughly(original: Any) -> Any:
    """With a cluster go the containers of its tasks that have ended, which the daemon keeps."""

    def delete(data: dict) -> Any:
        status, headers, body = original(data)
        if status == 200:
            arn = json.loads(body)["cluster"]["clusterArn"]
            wanted = {"label": [f"com.amazonaws.ecs.cluster={arn}", "ministack=ecs"]}
            for row in engine().api.containers(all=True, filters=wanted):
                with contextlib.suppress(errors.APIError):
                    engine().api.remove_container(row["Id"], force=True, v=True)
        return status, headers, body

    return delete
