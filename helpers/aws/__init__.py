"""AWS, local or real: where calls go, and what a lesson does there."""

from . import local
from .anywhere import data_centre
from .images import login, logout, pull, push
from .target import Target, client, current, resource, target

__all__ = [
    "Target",
    "client",
    "current",
    "data_centre",
    "local",
    "login",
    "logout",
    "pull",
    "push",
    "resource",
    "target",
]
