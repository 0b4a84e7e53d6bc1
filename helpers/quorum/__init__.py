"""A database of several members that agree by majority (etcd), and what the loss of some does."""

from .members import Members, start
from .model import Step

__all__ = ["Members", "Step", "start"]
