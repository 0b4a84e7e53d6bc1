"""A real class: two learners, an instructor, on an engine of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from helpers.classroom import running
from helpers.classroom.roster import INSTRUCTOR
from helpers.classroom.settings import GIB, Settings
from helpers.engine.private import reasons_against
from tests.classroom.pupil import Pupil
from tests.conftest import missing


@dataclass
class Classroom:
    """A class that runs, and whoever has a card for it."""

    settings: Settings
    pupils: dict[str, Pupil]

    @property
    def instructor(self) -> Pupil:
        return self.pupils[INSTRUCTOR]


@pytest.fixture(scope="module")
def classroom(worker_id: str, free_port: int) -> Iterator[Classroom]:
    if reasons := reasons_against():
        missing(f"no class here: {reasons[0]}")
    # Small: a test of ten learners is in the sweep.
    settings = Settings(f"t{worker_id[-1]}", port=free_port, memory=2 * GIB, disk=3 * GIB, idle=0,
                        lessons=("01",))  # fmt: skip
    running.remove(settings)
    cards = running.add(settings, ["Ann Lee", "王小明"])
    try:
        running.start(settings)
        certificate = settings.folder / "door.crt"
        yield Classroom(
            settings,
            {c.user: Pupil(settings.url, certificate, c.user, c.passphrase) for c in cards},
        )
    finally:
        running.remove(replace(settings))


@pytest.fixture(scope="session")
def worker_id() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "gw0")


@pytest.fixture(scope="module")
def free_port() -> int:
    return free()


def free() -> int:
    """Return a port of 127.0.0.1 that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
