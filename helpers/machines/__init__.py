"""Virtual machines beside containers: the same files in both, started, measured, destroyed."""

from .acceleration import Choice
from .aftermath import Aftermath, crash, wipe
from .initramfs import initramfs
from .live import Machine, Reply, stop
from .model import Beside, Board, Half, Start, Starts
from .pair import Answers, Pair, pair
from .ready import Ready, ready
from .starts import start_times

__all__ = [
    "Aftermath",
    "Answers",
    "Beside",
    "Board",
    "Choice",
    "Half",
    "Machine",
    "Pair",
    "Ready",
    "Reply",
    "Start",
    "Starts",
    "crash",
    "initramfs",
    "pair",
    "ready",
    "start_times",
    "stop",
    "wipe",
]
