"""AWS, local or real: where calls go, and what a lesson does there."""

from . import local
from .target import Target, client, current, resource, target

__all__ = ["Target", "client", "current", "local", "resource", "target"]
