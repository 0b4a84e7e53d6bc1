"""Where a container's data lie: volumes, bind mounts, tmpfs, its own layer; what each keeps."""

from .bind import bind
from .copying import CopyOnWrite, Touch, copy_on_write
from .full import fill
from .keeping import Keeping, Kept, compare
from .model import File, Mount, Mounts, Volume
from .mounts import mounts
from .volumes import create, remove, show

__all__ = [
    "CopyOnWrite",
    "File",
    "Keeping",
    "Kept",
    "Mount",
    "Mounts",
    "Touch",
    "Volume",
    "bind",
    "compare",
    "copy_on_write",
    "create",
    "fill",
    "mounts",
    "remove",
    "show",
]
