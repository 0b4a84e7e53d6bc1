"""Pictures of what the readers found, each with words that say the same. Nothing here asks Docker.

Every function takes frozen data (`helpers.images.Image`, `helpers.images.sharing.Forest`, …) and
returns a `Drawing`.
"""

from __future__ import annotations

from .drawing import Drawing
from .forest import sharing
from .layers import Writable, stack
from .pair import two_containers
from .weight import weight

__all__ = ["Drawing", "Writable", "sharing", "stack", "two_containers", "weight"]
