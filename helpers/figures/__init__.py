"""Pictures of what the readers found, each with words that say the same. Nothing here asks Docker.

Every function takes frozen data (`helpers.images.Image`, `helpers.images.sharing.Forest`,
`helpers.builds.Trace`, …) and returns a `Drawing`.
"""

from __future__ import annotations

from .against import strips
from .build_graph import build_graph
from .cache_strip import strip
from .drawing import Drawing
from .forest import sharing
from .layers import Writable, stack
from .pair import two_containers
from .tradeoff import Point, tradeoff
from .waterfall import waterfall
from .weight import weight

__all__ = [
    "Drawing",
    "Point",
    "Writable",
    "build_graph",
    "sharing",
    "stack",
    "strip",
    "strips",
    "tradeoff",
    "two_containers",
    "waterfall",
    "weight",
]
