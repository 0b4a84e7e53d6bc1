"""Stack files: read, applied to a swarm, compared with it; and the front door to what then runs."""

from .asking import Answers, ask
from .comparing import Difference, Differences, compare
from .deploying import deploy, remove
from .front import Front, close, front
from .front_image import haproxy
from .given import Files, Given, given
from .model import Amount, Progress
from .names import Names, lookup
from .reading import Planned, Stack, read
from .reserving import reserve
from .sealing import secret
from .watching import watch

__all__ = [
    "Amount",
    "Answers",
    "Difference",
    "Differences",
    "Files",
    "Front",
    "Given",
    "Names",
    "Planned",
    "Progress",
    "Stack",
    "ask",
    "close",
    "compare",
    "deploy",
    "front",
    "given",
    "haproxy",
    "lookup",
    "read",
    "remove",
    "reserve",
    "secret",
    "watch",
]
