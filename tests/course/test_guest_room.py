"""The whole course in a daemon that holds somebody else's things: rule 1.

Every lesson's code runs with its solutions, which is also where each exercise must turn from red
to green; then the daemon must hold what it held, and nothing of the course.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpers.authoring.lesson import folders
from helpers.authoring.source import Cell
from helpers.engine import Engine, build_cache, cleanup, clock, inventory, journal

from ..engine import foreign
from ..exercises import red_green

pytestmark = pytest.mark.daemon


@dataclass(frozen=True)
class Room:
    """A daemon with foreign objects, and what it held before the course came."""

    engine: Engine
    held: inventory.Inventory
    cache: dict[str, str]
    began: float  # by the engine's clock
    journalled: set[journal.Entry]  # what a foreign build of another test stands on

    def wrongly_ours(self) -> set[journal.Entry]:
        """Return what has been written down as the course's, and was there before it came."""
        now = set(journal.entries(self.engine, "build-cache"))
        return {one for one in now - self.journalled if one.id in self.cache}


@pytest.fixture(scope="module")
def room(engine: Engine) -> Iterator[Room]:
    cleanup.clean(engine)
    foreign.everything(engine)
    _foreign_build(engine)
    yield Room(
        engine,
        inventory.take(engine),
        build_cache.described(engine),
        clock.now(engine),
        set(journal.entries(engine)),
    )
    cleanup.clean(engine)
    foreign.remove(engine)


def _foreign_build(engine: Engine) -> bool:
    """Build an image that is not the course's; return whether its step was a cache hit."""
    dockerfile = f"FROM {foreign.IMAGE}\nRUN echo mine > /mine\n"
    done = subprocess.run(
        ["docker", "build", "--progress=plain", "-t", "foreign/busybox:built", "-"],
        input=dockerfile, env=engine.environment(), check=True, timeout=120,
        capture_output=True, text=True,
    )  # fmt: skip
    return "CACHED" in done.stderr


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_a_lesson_among_somebody_elses_things(folder: Path, room: Room, tmp_path: Path) -> None:
    most = 0

    def count(cell: Cell) -> None:
        nonlocal most
        if "cleanup.clean" in cell.text:  # so that there is something to look at
            most = len(inventory.take(room.engine).ours)
            assert room.wrongly_ours() == set()

    red_green.play(folder, room.engine, tmp_path, count)
    assert most >= 1, "the lesson made nothing or has no clean-up: this test would see nothing"
    assert room.held.foreign_changes(inventory.take(room.engine)) == []


def test_nothing_of_the_course_is_left(room: Room) -> None:
    cleanup.clean(room.engine)
    after = inventory.take(room.engine)
    assert room.held.foreign_changes(after) == []
    assert after.ours == []
    left = build_cache.new(room.engine, room.cache, room.began)
    assert left == {}, "records of ours are left"
    # By what they are called: one of two that share their data is listed, now this, now that.
    held, now = Counter(room.cache.values()), Counter(build_cache.described(room.engine).values())
    assert held - now == Counter(), "somebody's records are gone"
    # In the containerd store the builder forgets; `cleanup.clean` says so, and so does the README.
    assert _foreign_build(room.engine) or room.engine.store == "containerd"
    assert set(journal.entries(room.engine)) <= room.journalled
