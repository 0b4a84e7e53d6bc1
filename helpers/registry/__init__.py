"""A registry of the course's own: Debian's, in a container, on this machine alone."""

from .client import Blob, Manifest
from .server import Pulled, Pushed, Registry, start

__all__ = ["Blob", "Manifest", "Pulled", "Pushed", "Registry", "start"]
