"""Images, read out of a real engine or an archive: layers, files, history, configuration.

``images.read(name)`` returns an `Image`; everything else here looks at one.
"""

from __future__ import annotations

from . import sharing, tree
from .changes import LayerChanges, changes
from .model import Config, Entry, Image, Layer, Step, chain_ids
from .reading import read, read_many
from .waste import Waste, Wasted, largest, waste

__all__ = [
    "Config",
    "Entry",
    "Image",
    "Layer",
    "LayerChanges",
    "Step",
    "Waste",
    "Wasted",
    "chain_ids",
    "changes",
    "largest",
    "read",
    "read_many",
    "sharing",
    "tree",
    "waste",
]
