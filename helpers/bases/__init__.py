"""Base images that are made here, not pulled."""

from .busybox import busybox
from .salt import forget_salt, salt

__all__ = ["busybox", "forget_salt", "salt"]
