"""Pictures that can be worked with. They are handed data and never ask Docker."""

from __future__ import annotations

from .build_editor import BuildEditor, build_editor
from .explorer import Explorer, explorer
from .installer import Installer, installer

__all__ = ["BuildEditor", "Explorer", "Installer", "build_editor", "explorer", "installer"]
