"""AWS, local or real: where calls go, and what a lesson does there."""

from . import costs, eks, local, site
from .anywhere import data_centre, machine_role
from .command import cli
from .holdings import take as inventory
from .images import drop, login, logout, pull, push
from .places import places
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
    "eks",
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
    "machine_role",
    "network",
    "places",
    "pull",
    "push",
    "resource",
    "site",
    "steady",
    "target",
    "task_role",
    "update",
]
