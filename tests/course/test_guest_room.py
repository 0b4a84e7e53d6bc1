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
    _foreign_build(engine)
    yield engine
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


def test_foreign_objects_untouched_and_nothing_of_the_course_left(crowded: Engine) -> None:
    before, cache = inventory.take(crowded), build_cache.described(crowded)
    held = journal.entries(crowded)  # what a foreign build of another test stands on
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
    left = build_cache.described(crowded)
    assert {i: left[i] for i in left.keys() - cache.keys()} == {}, "records of ours are left"
    assert {i: cache[i] for i in cache.keys() - left.keys()} == {}, "somebody's records are gone"
    # In the containerd store the builder forgets; `cleanup.clean` says so, and so does the README.
    assert _foreign_build(crowded) or crowded.store == "containerd"
    assert set(journal.entries(crowded)) <= set(held)


def _cleaning(made: object) -> int:
    return next(n for n, cell in enumerate(made.cells) if "cleanup.clean" in cell.source)
