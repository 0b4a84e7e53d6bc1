"""Whether the kernel ended a container because its memory limit was reached.

The daemon's own answer, `State.OOMKilled`, may be wrong: on cgroup v1 the kernel's notice is lost
where the container ends at once and its control group is gone before anybody has read it (seen
with containerd 2.1.9 in most runs). The kernel's log names the control group, and so the container.
"""

from __future__ import annotations

import re

from ..engine import Engine
from ..engine.clock import moment
from .peek import peek

__all__ = ["KILLED", "was_oom_killed"]

KILLED = 137  # 128 + SIGKILL
SLACK = 1.0  # seconds by which the clocks below may differ
# The log's times are those of the monotonic clock, which a suspended machine does not advance.
SCRIPT = """\
now=$(sed -n 's/^now at \\([0-9]*\\)[0-9]\\{9\\} nsecs/\\1/p' /proc/timer_list 2>/dev/null)
[ "$now" ] || now=$(cut -d. -f1 /proc/uptime)
echo "$now $(date +%s)"
dmesg | grep "oom.memcg=[^,]*$1" | tail -n 1"""
STAMP = re.compile(r"\[ *(\d+(?:\.\d+)?)\]")
_told: dict[tuple[str, str], bool] = {}  # container and when it ended: the log is read once


def was_oom_killed(engine: Engine, found: dict) -> bool:
    """Whether the memory limit ended the container; not so for a SIGKILL from elsewhere.

    Parameters
    ----------
    found: what the daemon tells of it (`docker inspect`).
    """
    state = found["State"]
    if state.get("OOMKilled"):
        return True
    if state["Running"] or state["ExitCode"] != KILLED or not found["HostConfig"].get("Memory"):
        return False
    key = (found["Id"], state["FinishedAt"])
    if key not in _told:
        said = peek(engine, SCRIPT, found["Id"], kernel_log=True)
        _told[key] = bool(said) and _killed(said, found["Id"], moment(state["StartedAt"]))
    return _told[key]


def _killed(said: str, identifier: str, started: float) -> bool:
    """Whether the log tells of a kill in this container since it was started the last time."""
    clock, _, line = said.partition("\n")
    if identifier not in line:
        return False
    now, date = (float(part) for part in clock.split())
    stamp = STAMP.search(line)
    return stamp is None or date - now + float(stamp[1]) > started - SLACK
