"""The whole course in a daemon that holds somebody else's things: rule 1."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from helpers import authoring, paths
from helpers.authoring import execute, machine, notebook
from helpers.engine import Engine, build_cache, cleanup, inventory, journal

from ..engine import foreign

pytestmark = pytest.mark.daemon
EDITION = notebook.Edition("en", "solution")


@pytest.fixture
def crowded(engine: Engine) -> Iterator[Engine]:
    """The test engine with foreign objects, and with a foreign build in its cache."""
    cleanup.clean(engine)
    foreign.everything(engine)
    dockerfile = f"FROM {foreign.IMAGE}\nRUN echo mine > /mine\n"
    command = ["docker", "build", "-q", "-t", "foreign/busybox:built", "-"]
    subprocess.run(
        command, input=dockerfile, text=True, env=engine.environment(), check=True, timeout=120
    )
    yield engine
    cleanup.clean(engine)
    foreign.remove(engine)


def test_foreign_objects_untouched_and_nothing_of_the_course_left(crowded: Engine) -> None:
    before, cache = inventory.take(crowded), build_cache.records(crowded)
    most = 0
    for lesson in authoring.load_all():
        made = notebook.assemble(lesson, EDITION)
        folder = EDITION.folder(paths.NOTEBOOKS)
        with machine.fresh(lesson.plan, crowded) as environment:
            last = made.cells.pop(_cleaning(made))  # so that there is something to look at
            execute.run(made, folder, environment, lesson.name)
            assert "cleanup.clean" in last.source
            most += len(inventory.take(crowded).ours)
    assert most > 8, "the course made nothing: this test would see nothing"
    cleanup.clean(crowded)
    after = inventory.take(crowded)
    assert before.foreign_changes(after) == []
    assert after.ours == []
    assert build_cache.records(crowded) == cache
    assert journal.entries(crowded) == []


def _cleaning(made: object) -> int:
    return next(n for n, cell in enumerate(made.cells) if "cleanup.clean" in cell.source)
