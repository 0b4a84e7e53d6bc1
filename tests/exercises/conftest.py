"""Exercises are tried with a progress file of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers import messages
from tests.authoring.conftest import SAMPLE, use_lessons


@pytest.fixture(autouse=True)
def progress_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A progress file that does not exist yet."""
    path = tmp_path / "progress" / "progress.json"
    path.parent.mkdir()
    monkeypatch.setenv("LAYER_BY_LAYER_PROGRESS", str(path))
    return path


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The sample lesson as the only one."""
    use_lessons(SAMPLE, monkeypatch)
    with messages.speaking("en"):
        yield SAMPLE / "90-sample"
    monkeypatch.undo()
    messages.catalogue.cache_clear()
