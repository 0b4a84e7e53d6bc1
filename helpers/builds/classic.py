"""Build with the classic builder, through the SDK: for machines without docker client or buildx."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import docker

from ..engine import Engine
from ..engine.patience import patient
from ..errors import EngineLost, NoSpace, TimedOut
from .failure import Failure, of_classic

__all__ = ["NAME", "build"]

NAME = "classic"


def build(
    engine: Engine, folder: Path, tag: str, marks: dict[str, str], limit: float
) -> Failure | None:
    """Build ``folder`` and return why it failed, None if it did not.

    Raises
    ------
    TimedOut: after ``limit`` seconds; closing the connection cancels the build.
    EngineLost: the daemon went away.
    """
    deadline = time.monotonic() + limit
    log: list[str] = []
    error = ""
    with _in_time(deadline, tag, limit), patient(engine, limit) as api:
        try:
            stream = api.build(
                path=str(folder), tag=tag, labels=marks or None,
                rm=True, forcerm=True, decode=True, timeout=limit,
            )  # fmt: skip
            for event in stream:
                log.append(event.get("stream", ""))
                error = error or event.get("error", "")
                if time.monotonic() > deadline:
                    break
        except docker.errors.APIError as refusal:  # a Dockerfile that cannot be parsed
            error = str(refusal.explanation)
    if "no space left on device" in error:
        raise NoSpace("engine.no_space")
    if not error:
        return None
    dockerfile = (folder / "Dockerfile").read_text("utf-8", errors="replace")
    return of_classic("".join(log), error, dockerfile)


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
