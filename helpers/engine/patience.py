"""Named, bounded waits; and calls that may take a daemon longer than it has for a ping."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import docker

from ..errors import TimedOut
from .connection import Engine, talking

__all__ = ["patient", "until"]

Found = TypeVar("Found")
FIRST, LONGEST = 0.02, 0.25  # seconds between two looks; they grow from one to the other


@contextlib.contextmanager
def patient(engine: Engine, seconds: float) -> Iterator[docker.APIClient]:
    """Let a daemon be silent for up to ``seconds`` inside a ``with`` block.

    Errors are those of `talking`.
    """
    api = engine.client.api
    usual = api.timeout
    api.timeout = seconds
    try:
        with talking(engine):
            yield api
    finally:
        api.timeout = usual


def until(look: Callable[[], Found], seconds: float, awaited: str, /, **values: object) -> Found:
    """Call ``look`` until it returns something true, and return that.

    Parameters
    ----------
    seconds: the deadline.
    awaited, **values: message key of what was awaited, for the error.

    Raises
    ------
    TimedOut: it did not happen in time.
    """
    deadline = time.monotonic() + seconds
    pause = FIRST
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimedOut(awaited, seconds=seconds, **values)
        time.sleep(pause)
        pause = min(2 * pause, LONGEST)
    return found
