"""Find a Docker daemon, make a private one, look after what the course leaves in it."""

from . import cleanup, inventory, journal, labels
from .connection import Engine, connect, talking
from .doctor import doctor
from .endpoints import Endpoint
from .private import Private

__all__ = [
    "Endpoint",
    "Engine",
    "Private",
    "cleanup",
    "connect",
    "doctor",
    "inventory",
    "journal",
    "labels",
    "talking",
]
