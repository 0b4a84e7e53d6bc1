"""A local AWS on the learner's own Docker, started and stopped by the course."""

from .server import CONTAINER, Local, find, start, stop

__all__ = ["CONTAINER", "Local", "find", "start", "stop"]
