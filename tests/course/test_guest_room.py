"""The whole course in a daemon that holds somebody else's things: rule 1.

Every lesson's code runs with its solutions, and each exercise is asked before and after: it must
turn from red to green. Then the daemon must hold what it held, and nothing of the course.

`make test` plays one lesson; the notebooks of all lessons run among somebody else's things too
(`tests.notebooks`), where learners' editions show every check red and those with solutions green.
The sweep plays them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.authoring.lesson import folders
from helpers.authoring.source import Cell
from helpers.engine import Engine, cleanup, inventory, journal

from ..exercises import red_green
from .room import Room, foreign_build, furnished

pytestmark = pytest.mark.daemon

PLAYED = ("01",)
LESSONS = [
    pytest.param(
        folder, id=folder.name, marks=[] if folder.name[:2] in PLAYED else [pytest.mark.sweep]
    )
    for folder in folders()
]


@pytest.fixture(scope="module")
def room(engine: Engine) -> Iterator[Room]:
    with furnished(engine) as found:
        yield found


@pytest.mark.parametrize("folder", LESSONS)
def test_a_lesson_among_somebody_elses_things(folder: Path, room: Room, tmp_path: Path) -> None:
    most = 0

    def count(cell: Cell) -> None:
        nonlocal most
        if "cleanup.clean" in cell.text:  # so that there is something to look at
            most = len(inventory.take(room.engine).ours)
            assert room.wrongly_ours() == set()

    red_green.play(folder, room.engine, tmp_path, count)
    assert most >= 1, "the lesson made nothing or has no clean-up: this test would see nothing"
    assert room.as_it_was() == []


def test_nothing_of_the_course_is_left(room: Room) -> None:
    cleanup.clean(room.engine)
    assert room.as_it_was() == []
    assert inventory.take(room.engine).ours == []
    assert room.records_left() == {}, "records of ours are left"
    assert not room.records_gone(), "somebody's records are gone"
    # In the containerd store the builder forgets; `cleanup.clean` says so, and so does the README.
    assert foreign_build(room.engine) or room.engine.store == "containerd"
    assert set(journal.entries(room.engine)) <= room.journalled
