"""Pictures that can be worked with. They are handed data and never ask Docker."""

from __future__ import annotations

from .account_form import AccountForm, account_form
from .board import Board, board
from .build_editor import BuildEditor, build_editor
from .chooser import Chooser, chooser
from .explorer import Explorer, explorer
from .installer import Installer, installer

__all__ = [
    "AccountForm",
    "Board",
    "BuildEditor",
    "Chooser",
    "Explorer",
    "Installer",
    "account_form",
    "board",
    "build_editor",
    "chooser",
    "explorer",
    "installer",
]
