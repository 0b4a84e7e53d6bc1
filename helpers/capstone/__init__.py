"""One application carried to a platform of the learner's choice, and looked at where it runs."""

from .choosing import find, start
from .image import faults, try_out
from .model import Copy, Proof, State
from .place import Place

__all__ = ["Copy", "Place", "Proof", "State", "faults", "find", "start", "try_out"]
