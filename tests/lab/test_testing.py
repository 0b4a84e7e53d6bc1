"""What `make test` hands to pytest."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from helpers.lab import testing


def test_nothing_is_kept_in_the_users_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """IPython, matplotlib and a shell write where the course may write."""
    seen: list[dict[str, str]] = []
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///the/learners.sock")
    monkeypatch.setattr(subprocess, "call", lambda command, **more: seen.append(more["env"]) or 0)
    assert testing._pytest("28-overlay2", []) == 0
    for name in ("IPYTHONDIR", "MPLCONFIGDIR", "HISTFILE"):
        assert Path(seen[0][name]).is_relative_to(tmp_path), name
    assert "DOCKER_HOST" not in seen[0]
    assert seen[0]["LAYER_BY_LAYER_TEST_ENGINE"] == "28-overlay2"
