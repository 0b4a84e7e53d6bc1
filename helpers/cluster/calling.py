"""The docker client led to a node: printed as a person would type it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from ..components.client import Answer, environment_of, invoke, words_of
from ..errors import ClusterFailed
from ..messages import text
from ..text import plain
from .electing import NO_LEADER, led
from .link import ELECTION, Link, leaderless

__all__ = ["call"]

LIMIT = 120.0  # seconds for a command
ONCE = {"create", "rm", "rollback"}  # what fails, or does more, when it is told twice
_SILENT = ("cannot connect to the docker daemon", "failed to connect to the docker api",
           "error during connect", "connection reset by peer")  # fmt: skip


def call(
    link: Link,
    command: str | Sequence[str],
    node: str | None = None,
    *,
    show: bool = True,
    limit: float = LIMIT,
    folder: Path | None = None,
) -> Answer:
    """Run the docker client on a manager, or on ``node``; print the command and what it says.

    Raises
    ------
    ClusterFailed: the managers that are left are no majority; there is no such node, or its engine
        does not answer.
    NotFound: the docker client is not installed.
    TimedOut: it had not ended after ``limit`` seconds.
    """
    words = words_of(command)
    if node and link.containers:
        link.url(node)  # there is such a node
    if show:
        before = f"{node} " if node else ""
        print(f"{before}$ {plain(shlex.join(['docker', *words]))}", flush=True)
    environment = environment_of(link.engine)
    if link.containers:
        for name in ("DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY"):
            environment.pop(name, None)

    def act(where: str) -> Answer:
        if link.containers:
            link.api(where)  # a node that is away is told as such
            environment["DOCKER_HOST"] = link.url(where)
        found = invoke(words, environment, limit, folder)
        said = found.output.lower()
        if found.exit_code and any(part in said for part in _SILENT):
            link.doubt()
            raise ClusterFailed("cluster.node_silent", node=where, reason=_last(found))
        if found.exit_code and leaderless(said):
            link.doubt()
            raise ClusterFailed(NO_LEADER)
        return found

    again = 0.0 if ONCE.intersection(words[:2]) else ELECTION
    found = act(node) if node else led(link, act, again)
    if show and found.output:
        print(found.output, end="" if found.output.endswith("\n") else "\n")
    if show and found.exit_code:
        print(text("containers.exit_code", code=found.exit_code))
    return found


def _last(answer: Answer) -> str:
    lines = answer.output.strip().splitlines()
    return lines[-1] if lines else ""
