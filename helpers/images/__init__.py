"""Images, read out of a real engine or an archive: layers, files, history, configuration.

``images.read(name)`` returns an `Image`; everything else here looks at one.
"""

from __future__ import annotations

from . import sharing, tree
from .changes import LayerChanges, changes
from .likeness import LayerLikeness, Likeness, compare
from .model import Config, Entry, Image, Layer, Step, chain_ids
from .reading import read, read_many
from .search import Findings, search
from .waste import Waste, Wasted, largest, waste

__all__ = [
    "Config",
    "Entry",
    "Findings",
    "Image",
    "Layer",
    "LayerChanges",
    "LayerLikeness",
    "Likeness",
    "Step",
    "Waste",
    "Wasted",
    "chain_ids",
    "changes",
    "compare",
    "largest",
    "read",
    "read_many",
    "search",
    "sharing",
    "tree",
    "waste",
]
