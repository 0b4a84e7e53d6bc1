"""AWS, local or real: where calls go, and what a lesson does there."""

from . import costs, local
from .anywhere import data_centre
from .command import cli
from .holdings import take as inventory
from .images import drop, login, logout, pull, push
from .removing import clean_up
from .services import FrontDoor, events, front_door, steady, update
from .targeting import Target, client, current, resource, target
from .tasks import bucket, ended, execution_role, fill, logs, network, task_role

__all__ = [
    "FrontDoor",
    "Target",
    "bucket",
    "clean_up",
    "cli",
    "client",
    "costs",
    "current",
    "data_centre",
    "drop",
    "ended",
    "events",
    "execution_role",
    "fill",
    "front_door",
    "inventory",
    "local",
    "login",
    "logout",
    "logs",
    "network",
    "pull",
    "push",
    "resource",
    "steady",
    "target",
    "task_role",
    "update",
]
