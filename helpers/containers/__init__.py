"""Containers of a lesson: run, looked into, stopped, removed. Only the course's own are touched."""

from .container import Container, Execution
from .events import Event
from .health import Health, health
from .inside import Inside, Process, inside
from .limits import Limits, limits
from .looking import Inspection, inspect, logs
from .options import Probe
from .orders import kill, pause, remove, restart, start, stop, unpause, wait
from .outside import Beside, Outside, beside
from .recording import Recording, record
from .running import exec, run
from .timeline import Life, Span, Timeline, timeline
from .usage import Usage, usage
from .writable import Writable, changes

__all__ = [
    "Beside",
    "Container",
    "Event",
    "Execution",
    "Health",
    "Inside",
    "Inspection",
    "Life",
    "Limits",
    "Outside",
    "Probe",
    "Process",
    "Recording",
    "Span",
    "Timeline",
    "Usage",
    "Writable",
    "beside",
    "changes",
    "exec",
    "health",
    "inside",
    "inspect",
    "kill",
    "limits",
    "logs",
    "pause",
    "record",
    "remove",
    "restart",
    "run",
    "start",
    "stop",
    "timeline",
    "unpause",
    "usage",
    "wait",
]
