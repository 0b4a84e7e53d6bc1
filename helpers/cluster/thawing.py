"""Frozen tasks of a node let go on, before the node is switched off or removed.

In cgroup v1 a frozen process does not even die (kernel: freezer-subsystem), so a node with a frozen
task in it could not be killed: the daemon would wait for it for ever. In cgroup v2 it dies.
"""

from __future__ import annotations

import contextlib

import docker

from ..engine import Engine, talking
from ..errors import CourseError
from .inside import run_in
from .own import members

__all__ = ["thaw", "thaw_all"]

LIMIT = 30.0  # seconds
SCRIPT = """\
for f in $(find /sys/fs/cgroup -mindepth 2 -name freezer.state 2>/dev/null); do
    case $f in */docker/*) echo THAWED >"$f";; esac
done
true
"""


def thaw(engine: Engine, container: str) -> None:
    """Let everything go on that is frozen in the container of a node, whatever its engine does."""
    with contextlib.suppress(CourseError, docker.errors.APIError):  # it does not run: nothing does
        run_in(engine.client.api, container, ["sh", "-c", SCRIPT], LIMIT)


def thaw_all(engine: Engine, lesson: str | None = None) -> None:
    """Do so in all nodes of a lesson's cluster, or of every lesson's."""
    for one in members(engine, lesson, every=lesson is None):
        if one.state == "paused":
            with talking(engine), contextlib.suppress(docker.errors.APIError):
                engine.client.api.unpause(one.container)
        if one.state in ("running", "paused"):
            thaw(engine, one.container)
