"""Containers of a lesson: run, looked into, stopped, removed. Only the course's own are touched."""

from .health import Health, health
from .running import Container, Execution, exec, logs, remove, run, start, stop
from .writable import Writable, changes

__all__ = [
    "Container",
    "Execution",
    "Health",
    "Writable",
    "changes",
    "exec",
    "health",
    "logs",
    "remove",
    "run",
    "start",
    "stop",
]
