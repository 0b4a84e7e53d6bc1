"""Pictures that can be worked with. They are handed data and never ask Docker."""

from __future__ import annotations

from .board import Board, board
from .build_editor import BuildEditor, build_editor
from .chooser import Chooser, chooser
from .explorer import Explorer, explorer
from .installer import Installer, installer

__all__ = [
    "Board",
    "BuildEditor",
    "Chooser",
    "Explorer",
    "Installer",
    "board",
    "build_editor",
    "chooser",
    "explorer",
    "installer",
]
