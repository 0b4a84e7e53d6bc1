"""Keeping services running: faults recorded, updates and scaling under counted requests."""

from .autoscaling import autoscale
from .case import Case
from .model import Bar, Load, Moment, Second, Story
from .recording import record
from .rule import Rule
from .sending import Sender
from .telling import tell
from .updating import update

__all__ = [
    "Bar",
    "Case",
    "Load",
    "Moment",
    "Rule",
    "Second",
    "Sender",
    "Story",
    "autoscale",
    "record",
    "tell",
    "update",
]
