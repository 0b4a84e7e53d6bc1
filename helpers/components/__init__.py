"""The parts of Docker: found on this machine, overheard at work, addressed in twos, composed."""

from .application import Application, application
from .calling import call
from .client import docker
from .finding import find
from .recording import record
from .second_daemon import second

__all__ = ["Application", "application", "call", "docker", "find", "record", "second"]
