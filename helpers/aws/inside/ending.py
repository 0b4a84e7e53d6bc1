"""The end of a task on another engine: asked for here, and written down when it has come."""

from __future__ import annotations

from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.core.responses import json_response
from ministack.services import ecs

__all__ = ["asking", "end"]

STOPPED = "STOPPED"


def asking(original: Any) -> Any:
    """Let StopTask only ask for the end of an external task: it runs until its agent says it ended.

    An agent whose line is cut does not hear of it. Until then the task is RUNNING and shall be
    STOPPED.
    """

    def stop(data: dict) -> Any:
        cluster = ecs._resolve_cluster_name(data.get("cluster") or "default")
        task = ecs._resolve_task(data.get("task", ""), cluster) if cluster else None
        if task is None or task.get("launchType") != "EXTERNAL" or task["lastStatus"] == STOPPED:
            return original(data)
        with resource_lock("ecs-task", task["taskArn"]):
            if task.get("desiredStatus") != STOPPED:
                ecs._bump_task_version(task)
                task.update(desiredStatus=STOPPED, stoppingAt=ecs._iso(),
                            stoppedReason=data.get("reason") or "Task stopped by user",
                            stopCode="UserInitiated")  # fmt: skip
        return json_response({"task": ecs._sanitize(task)})

    return stop


def end(task: dict, reason: str, code: str, exit_code: int | None = None) -> None:
    """Write down that a task has stopped; what was said when its end was asked for stays."""
    if task.get("desiredStatus") == STOPPED:
        reason, code = task.get("stoppedReason") or reason, task.get("stopCode") or code
        task["desiredStatus"] = "RUNNING"  # else MiniStack takes it for one that is dealt with
    ecs._mark_task_stopped(task["taskArn"], task, reason, code, exit_code=exit_code)
