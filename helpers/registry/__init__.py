"""A registry of the course's own: Debian's, in a container, on this machine alone."""

from .model import Blob, Crossing, Index, Manifest, Part, Transfer
from .moving import Pulled, Pushed
from .server import find, start
from .shelf import Registry
from .storage import Collected, Deleted, Stored

__all__ = [
    "Blob",
    "Collected",
    "Crossing",
    "Deleted",
    "Index",
    "Manifest",
    "Part",
    "Pulled",
    "Pushed",
    "Registry",
    "Stored",
    "Transfer",
    "find",
    "start",
]
