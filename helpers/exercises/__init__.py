"""Exercises that are checked by the state of the daemon, not by what was typed."""

from ..classview.joining import join, joined, leave
from . import state
from .checking import check, hint
from .collection import Exercise, every, exercise, find, load
from .progress import Progress, progress
from .verdict import Hint, Right, Verdict, Wrong

__all__ = [
    "Exercise",
    "Hint",
    "Progress",
    "Right",
    "Verdict",
    "Wrong",
    "check",
    "every",
    "exercise",
    "find",
    "hint",
    "join",
    "joined",
    "leave",
    "load",
    "progress",
    "state",
]
