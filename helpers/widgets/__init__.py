"""Pictures that can be worked with. They are handed data and never ask Docker."""

from __future__ import annotations

from .explorer import Explorer, explorer

__all__ = ["Explorer", "explorer"]
