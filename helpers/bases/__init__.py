"""Base images that are made here, not pulled."""

from .busybox_root import NAME as BUSYBOX
from .busybox_root import busybox, fresh
from .debian_root import NAME as DEBIAN
from .debian_root import debian
from .salt import forget_salt, salt

__all__ = ["MAKERS", "busybox", "debian", "forget_salt", "fresh", "salt"]

# What makes each base image, by its name: scenarios look here for what their Dockerfiles name.
MAKERS = {BUSYBOX: busybox, DEBIAN: debian}
