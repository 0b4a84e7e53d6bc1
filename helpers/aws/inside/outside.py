"""ECS Anywhere: what MiniStack's own workers do for a service's tasks, for those that agents run.

A service of several tasks is started and counted by the threads that start containers here. A task
on a machine outside has no such thread, so without this its deployment would never end.
"""

from __future__ import annotations

from typing import Any

from ministack.services import ecs

__all__ = ["install"]


def install() -> None:
    """Put this into MiniStack's ECS."""
    ecs._supports_image_resolution = _at_once(ecs._supports_image_resolution)
    ecs._mark_task_running = _stable(ecs._mark_task_running)


def _at_once(original: Any) -> Any:
    """Start all tasks of a deployment: elsewhere a first one looks up the digest for the others."""

    def supports(context: dict, definition: dict) -> bool:
        return context.get("launchType") != "EXTERNAL" and original(context, definition)

    return supports


def _stable(original: Any) -> Any:
    """A task that its agent says runs has started: a deployment may count on it."""

    def mark(arn: str, task: dict, *rest: Any, **named: Any) -> Any:
        done = original(arn, task, *rest, **named)
        if task.get("launchType") == "EXTERNAL":
            task["_startup_stable"] = True
        return done

    return mark
