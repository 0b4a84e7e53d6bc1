"""Pictures of what the readers found, each with words that say the same. Nothing here asks Docker.

Every function takes frozen data (`helpers.images.Image`, `helpers.images.sharing.Forest`,
`helpers.builds.Trace`, …) and returns a `Drawing`.
"""

from __future__ import annotations

from .against import strips
from .beside import beside
from .bill import bill
from .build_graph import build_graph
from .cache_strip import strip
from .capacity import capacity
from .choosing import choosing
from .conversation import conversation
from .copying import copy_on_write
from .desired import desired
from .distribution import distribution
from .drawing import Drawing
from .forest import sharing
from .keeping import keeping
from .layers import Writable, stack
from .load import load
from .network_map import network_map
from .nodes import nodes
from .packing import packing
from .pair import two_containers
from .parts import parts
from .places import places
from .quorum import quorum
from .responsibility import responsibility
from .seven_steps import seven_steps
from .side_by_side import side_by_side
from .story import story
from .timeline import timeline
from .tradeoff import Point, tradeoff
from .usage import usage
from .waterfall import waterfall
from .weight import weight
from .wire import wire
from .zones import zones

__all__ = [
    "Drawing",
    "Point",
    "Writable",
    "beside",
    "bill",
    "build_graph",
    "capacity",
    "choosing",
    "conversation",
    "copy_on_write",
    "desired",
    "distribution",
    "keeping",
    "load",
    "network_map",
    "nodes",
    "packing",
    "parts",
    "places",
    "quorum",
    "responsibility",
    "seven_steps",
    "sharing",
    "side_by_side",
    "stack",
    "story",
    "strip",
    "strips",
    "timeline",
    "tradeoff",
    "two_containers",
    "usage",
    "waterfall",
    "weight",
    "wire",
    "zones",
]
