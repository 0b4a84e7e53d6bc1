"""Networks of a lesson: made, looked at, and tried out: who reaches whom, by name or by address."""

from .model import HOST, Member, Network, Node, Published, Reach, Survey
from .networks import connect_to as connect
from .networks import create, disconnect, remove, show
from .reaching import reach, survey

__all__ = [
    "HOST",
    "Member",
    "Network",
    "Node",
    "Published",
    "Reach",
    "Survey",
    "connect",
    "create",
    "disconnect",
    "reach",
    "remove",
    "show",
    "survey",
]
