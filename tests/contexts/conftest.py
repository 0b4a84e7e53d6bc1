"""What the tests of build contexts share."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.contexts import digests


def write(path: Path, content: str = "x", mode: int = 0o644) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory, monkeypatch, request):
    """An index of its own for each test; the engine's place is not changed."""
    if "engine" not in request.fixturenames:
        monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path_factory.mktemp("home")))
    digests._memory.clear()
