"""Every lesson that a class can do, by a learner, on an engine that never held anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.authoring import lesson, model
from helpers.classroom import running
from helpers.classroom.image import ELSEWHERE
from helpers.classroom.settings import GIB, Settings
from helpers.engine.private import reasons_against
from helpers.paths import NOTEBOOKS, ROOT
from tests.classroom.conftest import free
from tests.classroom.pupil import Pupil
from tests.conftest import missing

# (Lesson 17 can end on a Kubernetes, but need not.)
HERE = [
    folder
    for folder in lesson.folders()
    if not ELSEWHERE & set(model.read(folder / "lesson.toml").requires.ready)
]


@pytest.fixture(scope="module")
def learner() -> Iterator[Pupil]:
    if reasons := reasons_against():
        missing(f"no class here: {reasons[0]}")
    numbers = tuple(folder.name[:2] for folder in HERE)
    settings = Settings("all", port=free(), disk=8 * GIB, idle=0, lessons=numbers)
    running.remove(settings)
    card = next(c for c in running.add(settings, ["Ann Lee"]) if c.user == "ann-lee")
    try:
        running.start(settings)
        found = Pupil(settings.url, settings.folder / "door.crt", card.user, card.passphrase)
        found.sign_in()
        found.start()
        yield found
    finally:
        running.remove(settings)


@pytest.mark.daemon
@pytest.mark.sweep
@pytest.mark.parametrize("edition", ["en", "zh-CN"])
@pytest.mark.parametrize("folder", HERE, ids=lambda folder: folder.name)
def test_a_lesson_with_its_exercises(learner: Pupil, folder: Path, edition: str):
    learner.open(edition)
    try:
        assert learner.lesson(NOTEBOOKS / "solutions" / edition / f"{folder.name}.ipynb")
    finally:
        learner.close()


def test_the_pages_say_which_lessons_are_done_elsewhere():
    elsewhere = [folder.name[:2] for folder in lesson.folders() if folder not in HERE]
    for page in ("docs/classroom.md", "docs/classroom.zh-CN.md"):
        assert f"\n| {', '.join(elsewhere)} |" in (ROOT / page).read_text("utf-8").replace(
            "、", ", "
        )
