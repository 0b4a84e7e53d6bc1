"""AWS, local or real: where calls go, and what a lesson does there."""

from . import costs, eks, local, regions, responsibility, site
from .anywhere import data_centre, machine_role
from .command import cli
from .databases import database, database_door, sql
from .holdings import take as inventory
from .identities import instance_profile, key, outcome
from .images import drop, login, logout, pull, push
from .machines import console, machine, machine_image
from .objects import ask, bucket
from .places import places
from .removing import clean_up
from .services import FrontDoor, events, front_door, steady, update
from .targeting import Target, client, current, resource, target
from .tasks import ended, execution_role, fill, filled, logs, network, task_role

__all__ = [
    "FrontDoor",
    "Target",
    "ask",
    "bucket",
    "clean_up",
    "cli",
    "client",
    "console",
    "costs",
    "current",
    "data_centre",
    "database",
    "database_door",
    "drop",
    "eks",
    "ended",
    "events",
    "execution_role",
    "fill",
    "filled",
    "front_door",
    "instance_profile",
    "inventory",
    "key",
    "local",
    "login",
    "logout",
    "logs",
    "machine",
    "machine_image",
    "machine_role",
    "network",
    "outcome",
    "places",
    "pull",
    "push",
    "regions",
    "resource",
    "responsibility",
    "site",
    "sql",
    "steady",
    "target",
    "task_role",
    "update",
]
