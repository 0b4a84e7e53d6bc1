"""AWS, local or real: where calls go, and what a lesson does there."""

from . import local
from .anywhere import data_centre
from .command import cli
from .holdings import take as inventory
from .images import drop, login, logout, pull, push
from .removing import clean_up
from .targeting import Target, client, current, resource, target

__all__ = [
    "Target",
    "clean_up",
    "cli",
    "client",
    "current",
    "data_centre",
    "drop",
    "inventory",
    "local",
    "login",
    "logout",
    "pull",
    "push",
    "resource",
    "target",
]
