"""Calls that may take a daemon longer than the ten seconds in which it must answer a ping."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import docker

from .connection import Engine, talking

__all__ = ["patient"]


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
