"""What a call on a container returns, and how the calls print what they do."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

from ..engine import Engine
from ..engine.patience import patient
from ..messages import text
from ..text import plain
from .lifecycle import ANSWER
from .lifecycle import logs as read_logs
from .oom import was_oom_killed

__all__ = ["Container", "Execution", "as_it_is", "say", "show"]

READ_ONLY = "read-only file system"  # strerror(EROFS), as BusyBox and glibc have it


@dataclass(frozen=True)
class Container:
    """A container as it was when the call returned.

    Fields
    ------
    name, image: as given (no name: ``""``); the image's name is untrusted text.
    running: whether it still ran.
    exit_code: of its first process; None while that runs.
    output: what it wrote to stdout and stderr, control sequences taken out.
    id: the daemon's; do not print it, it is another one each time.
    oom_killed: whether the kernel ended a process of it because its memory limit was reached.
    """

    name: str
    image: str
    running: bool
    exit_code: int | None
    output: str = field(repr=False)
    id: str = field(repr=False)
    oom_killed: bool = False

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: the call has printed what there is to see."""


@dataclass(frozen=True)
class Execution:
    """A command that ran in a container: what it wrote, and its exit code."""

    output: str
    exit_code: int

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `exec` has printed it."""


def as_it_is(engine: Engine, identifier: str, image: str) -> Container:
    """Return a container as the daemon tells it now."""
    with patient(engine, ANSWER) as api:
        found = api.inspect_container(identifier)
    state = found["State"]
    return Container(
        name=found["Name"].lstrip("/"),
        image=image,
        running=state["Running"],
        exit_code=None if state["Running"] else state["ExitCode"],
        output=read_logs(engine, identifier),
        id=identifier,
        oom_killed=was_oom_killed(engine, found),
    )


def say(words: list[str], rest: str = "") -> None:
    """Print a command as a learner would type it; ``rest`` is what the shell reads itself."""
    print(f"$ {plain(shlex.join(words))}{rest}")


def show(
    output: str, exit_code: int | None = None, oom_killed: bool = False, read_only: bool = False
) -> None:
    """Print what a command wrote, and its exit code unless that is 0."""
    if output:
        print(output, end="" if output.endswith("\n") else "\n")
    if exit_code and oom_killed:
        print(text("containers.exit_oom", code=exit_code))
    elif exit_code:
        print(text("containers.exit_code", code=exit_code))
    if exit_code and read_only and READ_ONLY in output.lower():
        print(text("containers.read_only"))
