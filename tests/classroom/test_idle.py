"""One learner went home, one works on: the server of the first is stopped, and no file lost."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from helpers.classroom import running
from helpers.classroom.settings import GIB, Settings
from helpers.engine.private import reasons_against
from tests.classroom.conftest import free
from tests.classroom.pupil import Pupil
from tests.conftest import missing

pytestmark = [pytest.mark.daemon, pytest.mark.sweep]

IDLE = 1  # minute
LIMIT = 300  # seconds for the server to be stopped


@pytest.fixture(scope="module")
def two() -> Iterator[list[Pupil]]:
    if reasons := reasons_against():
        missing(f"no class here: {reasons[0]}")
    settings = Settings("idle", port=free(), disk=2 * GIB, idle=IDLE, lessons=("01",))
    running.remove(settings)
    cards = running.add(settings, ["Ann Lee", "Bob"])[1:]
    try:
        running.start(settings)
        certificate = settings.folder / "door.crt"
        yield [Pupil(settings.url, certificate, c.user, c.passphrase) for c in cards]
    finally:
        running.remove(settings)


def test_who_is_idle_is_stopped_and_who_works_is_not(two):
    ann, bob = two
    for pupil in two:
        pupil.sign_in()
        pupil.start()
    ann.run("open('/course/work/mine.txt', 'w').write('precious')")
    deadline = time.monotonic() + LIMIT
    while ann.ask("GET", f"hub/api/users/{ann.user}").json()["servers"]:
        bob.run("1 + 1")
        assert time.monotonic() < deadline
        time.sleep(5)
    bob.run("1 + 1")  # his server is there
    ann.kernel = ""
    ann.start()
    assert "precious" in ann.run("print(open('/course/work/mine.txt').read())")
