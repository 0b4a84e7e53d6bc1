"""Build with the classic builder, through the SDK: for machines without docker client or buildx."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import docker

from ..engine import Engine
from ..engine.patience import patient
from ..errors import BuildFailed, EngineLost, NoSpace, TimedOut
from ..text import plain
from .request import Request

__all__ = ["NAME", "Done", "Outcome", "build"]

NAME = "classic"
# What the builder says of its own containers, between the lines of a step's output.
SAID = (" ---> Running in", " ---> Removed intermediate", "Removing intermediate")
LOG = 1_000_000  # characters of a step's log that are kept


@dataclass
class Done:
    """One ``Step n/m``: ``number`` counts every instruction of the Dockerfile, from 1."""

    number: int
    started: float
    ended: float = 0.0
    cached: bool = False
    log: str = ""


@dataclass(frozen=True)
class Outcome:
    """What the builder told: its steps, and the error if there was one."""

    steps: tuple[Done, ...]
    error: str = ""
    log: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        return not self.error


def build(
    engine: Engine,
    request: Request,
    tag: str,
    marks: dict[str, str],
    limit: float,
    *,
    meanwhile: Callable[[], None] = lambda: None,
    tell: Callable[[Done], None] = lambda step: None,
) -> Outcome:
    """Build, and return what the builder told, whether it succeeded or not.

    Parameters are those of `helpers.builds.buildkit.build`.

    Raises
    ------
    TimedOut: after ``limit`` seconds; closing the connection cancels the build.
    EngineLost: the daemon went away.
    NoSpace: its disk is full.
    BuildFailed: the request needs BuildKit.
    """
    for what, wanted in (("--secret", request.secrets), ("--cache-to", request.cache_to)):
        if wanted:
            raise BuildFailed("builds.needs_buildkit", what=what, folder=request.shown)
    meanwhile()
    began = time.monotonic()
    steps: list[Done] = []
    log, error = [], ""
    with _in_time(began + limit, tag, limit), patient(engine, limit) as api:
        try:
            stream = api.build(
                path=str(request.folder), dockerfile=request.file, tag=tag, labels=marks or None,
                buildargs=dict(request.args) or None, target=request.target or "",
                nocache=request.no_cache, cache_from=list(request.cache_from) or None,
                rm=True, forcerm=True, decode=True, timeout=limit,
            )  # fmt: skip
            for event in stream:
                log.append(event.get("stream", ""))
                _note(steps, plain(event.get("stream", "")), time.monotonic() - began, tell)
                error = error or event.get("error", "")
                if time.monotonic() > began + limit:
                    break
        except docker.errors.APIError as refusal:  # a Dockerfile that cannot be parsed
            error = str(refusal.explanation)
    if "no space left on device" in error:
        raise NoSpace("engine.no_space")
    if steps:
        steps[-1].ended = time.monotonic() - began
    if "requires BuildKit" in error:
        what = re.search(r"--[\w-]+", error)
        raise BuildFailed(
            "builds.needs_buildkit", what=what[0] if what else "", folder=request.shown
        )
    return Outcome(tuple(steps), error, "".join(log))


def _note(steps: list[Done], line: str, now: float, tell: Callable[[Done], None]) -> None:
    if match := re.match(r"Step (\d+)/\d+ : ", line):
        if steps:
            steps[-1].ended = now
        steps.append(Done(int(match[1]), now))
    elif not steps or line.startswith(SAID):
        return
    elif line.startswith(" ---> Using cache"):
        steps[-1].cached = True
    elif not re.match(r" ---> [0-9a-f]{12}\s*$|Successfully (built|tagged) ", line):
        steps[-1].log = (steps[-1].log + line)[-LOG:]
    tell(steps[-1])


@contextlib.contextmanager
def _in_time(deadline: float, tag: str, limit: float) -> Iterator[None]:
    """Tell a build that is late from a daemon that is gone: both end in silence."""
    try:
        yield
    except EngineLost:
        if time.monotonic() < deadline:
            raise
    if time.monotonic() >= deadline:
        raise TimedOut("builds.waiting", tag=tag, seconds=limit)
