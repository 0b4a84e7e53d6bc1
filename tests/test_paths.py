"""The course's own folder: where it is, and what is said when it cannot be used."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from helpers import paths
from helpers.errors import NoSpace, NotWritable


def test_the_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "a" / "b"))
    assert paths.home() == tmp_path / "a" / "b"
    assert paths.home().is_dir()


def test_a_read_only_home_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        place = tmp_path / "x"
    else:
        place = Path("/proc/layer-by-layer")  # root may write anywhere but here
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(place))
    with pytest.raises(NotWritable) as caught:
        paths.home()
    assert "LAYER_BY_LAYER_HOME" in caught.value.next


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(NoSpace):
        paths.writable(tmp_path / "new")
