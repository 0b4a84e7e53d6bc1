"""The sample lesson, which is also the documentation of the format."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import messages, paths

SAMPLE = Path(__file__).parent / "sample"


def use_lessons(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``folder`` the lessons of the course, in this process and in those it starts."""
    monkeypatch.setattr(paths, "LESSONS", folder)
    monkeypatch.setenv("LAYER_BY_LAYER_LESSONS", str(folder))
    messages.catalogue.cache_clear()


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A lessons folder of one's own that holds the sample lesson; it may be edited."""
    folder = tmp_path / "lessons"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    use_lessons(folder, monkeypatch)
    yield folder
    monkeypatch.undo()
    messages.catalogue.cache_clear()


@pytest.fixture
def sample(lessons: Path) -> Path:
    """The folder of that sample lesson."""
    return lessons / "90-sample"


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file exactly once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")
