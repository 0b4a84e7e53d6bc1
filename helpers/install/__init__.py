"""Installing Docker: the seven steps for every platform, and a fresh server on which they run."""

from . import machine
from .advise import Advice, Fact, advise
from .choose import Listing, commands, platforms
from .guide import Guide
from .leaving import leave
from .machine import Machine
from .mishap import mishap
from .model import STEPS, Platform, Release, Step
from .run import Installation, Ran
from .servers import Server, ask, existing, fresh, place

__all__ = [
    "STEPS",
    "Advice",
    "Fact",
    "Guide",
    "Installation",
    "Listing",
    "Machine",
    "Platform",
    "Ran",
    "Release",
    "Server",
    "Step",
    "advise",
    "ask",
    "commands",
    "existing",
    "fresh",
    "leave",
    "machine",
    "mishap",
    "place",
    "platforms",
]
