"""The learner's copy follows the course and never loses an edit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpers.lab.workcopy import Change, WorkCopy

NAME = "en/01-layers.ipynb"


def write(path: Path, *sources: str, outputs: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": s, "outputs": outputs} for s in sources]
    path.write_text(json.dumps({"cells": cells}))


def sources(path: Path) -> list[str]:
    return [cell["source"] for cell in json.loads(path.read_text())["cells"]]


@pytest.fixture
def copy(tmp_path) -> WorkCopy:
    write(tmp_path / "notebooks" / NAME, "one")
    write(tmp_path / "notebooks/zh-CN/01-layers.ipynb", "one")
    write(tmp_path / "notebooks/en/02-builds.ipynb", "two")
    found = WorkCopy(tmp_path / "work", tmp_path / "notebooks")
    found.update()
    return found


def test_everything_is_copied_once(copy):
    assert sources(copy.folder / NAME) == ["one"]
    assert copy.update() == []
    assert copy.edits() == []


def test_an_untouched_notebook_is_updated(copy):
    write(copy.folder / NAME, "one", outputs="it was run")  # running is no edit
    write(copy.source / NAME, "better")
    assert copy.update() == [Change("updated", NAME)]
    assert sources(copy.folder / NAME) == ["better"]


def test_an_edited_notebook_stays_and_the_new_edition_lies_beside(copy):
    write(copy.folder / NAME, "mine")
    assert copy.update() == []
    write(copy.source / NAME, "better")
    beside = "en/01-layers.updated.ipynb"
    assert copy.update() == [Change("beside", NAME, beside)]
    assert sources(copy.folder / NAME) == ["mine"]
    assert sources(copy.folder / beside) == ["better"]
    assert copy.update() == []  # said once
    write(copy.source / NAME, "best")
    assert copy.update() == [Change("beside", NAME, beside)]
    assert sources(copy.folder / beside) == ["best"]
    assert copy.edits() == [NAME]


def test_an_edition_laid_beside_and_then_edited_is_kept_too(copy):
    write(copy.folder / NAME, "mine")
    write(copy.source / NAME, "better")
    copy.update()
    write(copy.folder / "en/01-layers.updated.ipynb", "mine again")
    write(copy.source / NAME, "best")
    assert copy.update() == [Change("beside", NAME, "en/01-layers.updated-2.ipynb")]
    assert sources(copy.folder / "en/01-layers.updated.ipynb") == ["mine again"]


def test_a_deleted_notebook_comes_back(copy):
    (copy.folder / NAME).unlink()
    assert copy.update() == [Change("new", NAME)]


def test_a_broken_notebook_and_a_lost_manifest_lose_nothing(copy):
    (copy.folder / NAME).write_text("{ half a notebook")
    (copy.folder / ".installed.json").write_text("[")
    write(copy.source / NAME, "better")
    assert copy.update() == [Change("beside", NAME, "en/01-layers.updated.ipynb")]
    assert (copy.folder / NAME).read_text() == "{ half a notebook"


def test_restore_moves_an_edit_aside_and_touches_no_other_lesson(copy):
    write(copy.folder / NAME, "mine")
    write(copy.folder / "en/02-builds.ipynb", "mine too")
    changes = copy.restore("01")
    assert Change("saved", NAME, "en/01-layers.mine.ipynb") in changes
    assert Change("restored", NAME) in changes
    assert Change("restored", "zh-CN/01-layers.ipynb") in changes
    assert sources(copy.folder / NAME) == ["one"]
    assert sources(copy.folder / "en/01-layers.mine.ipynb") == ["mine"]
    assert sources(copy.folder / "en/02-builds.ipynb") == ["mine too"]
    write(copy.folder / NAME, "mine, second try")
    copy.restore("01")
    assert sources(copy.folder / "en/01-layers.mine-2.ipynb") == ["mine, second try"]
    assert sources(copy.folder / "en/01-layers.mine.ipynb") == ["mine"]


def test_a_restored_notebook_is_followed_again(copy):
    write(copy.folder / NAME, "mine")
    copy.restore("01")
    write(copy.source / NAME, "better")
    assert copy.update() == [Change("updated", NAME)]


def test_what_a_learner_added_is_an_edit(copy):
    (copy.folder / "en/notes.txt").write_text("my notes")
    write(copy.folder / "en/02-builds.ipynb", "two", "and one cell more")
    assert copy.edits() == ["en/02-builds.ipynb", "en/notes.txt"]
