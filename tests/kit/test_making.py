"""A kit is written whole or not at all; what it is is said."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from helpers import messages
from helpers.bases import debian_root
from helpers.debian import index
from helpers.errors import LabFailed, NoSpace, NotWritable
from helpers.kit import contents, making, unpacking, wheels
from helpers.kit.checking import verify
from helpers.kit.contents import Content
from helpers.paths import ROOT

from .conftest import contents as sample


def test_python_itself_starts_it(kit: Path):
    assert kit.read_bytes().startswith(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(kit) as archive:
        assert archive.testzip() is None
        kinds = {m.filename: m.compress_type for m in archive.infolist()}
    assert kinds["home/debian/pool/app_1.0-1_amd64.deb"] == zipfile.ZIP_STORED
    assert kinds["course/requirements.lock"] == zipfile.ZIP_DEFLATED
    assert verify(kit).lessons == ("00",)


def test_the_mark_of_a_kit_is_one_word():
    """It cannot be imported where a kit is unpacked: that module needs packages."""
    assert unpacking.KIT == index.KIT


@pytest.fixture
def quick(monkeypatch, tmp_path) -> list[Content]:
    """What takes long is there already: `make` gets a few real files."""
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    files = list(sample(tmp_path / "made"))
    kinds = {kind: [one for one in files if one.purpose == kind] for kind in making.PURPOSES}
    monkeypatch.setattr(contents, "course", lambda: ("0123456789ab", list(kinds["course"])))
    monkeypatch.setattr(contents, "environment", lambda *_: kinds["environment"])
    monkeypatch.setattr(
        contents, "packages", lambda *_: iter([*kinds["packages"], *kinds["index"]])
    )
    monkeypatch.setattr(contents, "kubernetes", lambda *_: kinds["kubernetes"])
    monkeypatch.setattr(debian_root, "packages_of", lambda _: [])
    return files


def test_it_says_what_it_is(quick, tmp_path):
    said: list[str] = []
    with messages.speaking("en"):
        manifest = making.make(tmp_path / "a.pyz", lessons=["00", "05"], layers=False,
                               say=said.append)  # fmt: skip
    assert {file.path for file in manifest.files} == {content.path for content in quick}
    whole = "\n".join(said)
    assert "lessons: 00, 05" in whole and str(wheels.this().target) in whole
    assert "each machine makes them itself" in whole and "debian (" in whole
    (checksum,) = re.findall(r"SHA-256 (\w{64})", whole)
    sums = subprocess.run([sys.executable, "-c", "import hashlib,sys;print(hashlib.sha256("
                           "open(sys.argv[1],'rb').read()).hexdigest())", tmp_path / "a.pyz"],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert sums.strip() == checksum


def test_an_older_kit_stays_until_the_new_one_is_whole(quick, tmp_path, monkeypatch):
    kit = tmp_path / "a.pyz"
    kit.write_text("older")
    real = making.verify

    def stop(part: Path) -> None:
        assert kit.read_text() == "older" and real(part)
        raise KeyboardInterrupt

    monkeypatch.setattr(making, "verify", stop)
    with pytest.raises(KeyboardInterrupt):
        making.make(kit, lessons=["00"], layers=False)
    assert kit.read_text() == "older"
    assert [path.name for path in tmp_path.glob("a.pyz*")] == ["a.pyz"]


def test_a_full_disk_and_a_closed_folder_are_told(quick, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(making, "_add", full)
        with pytest.raises(NoSpace):
            making.make(tmp_path / "a.pyz", lessons=["00"], layers=False)
    assert not list(tmp_path.glob("a.pyz*"))
    with pytest.raises(NotWritable):
        making.make(tmp_path / "nowhere" / "a.pyz", lessons=["00"], layers=False)


def test_more_than_python_can_start_is_refused(quick, tmp_path, monkeypatch):
    monkeypatch.setattr(making, "LARGEST", 1000)
    with messages.speaking("en"), pytest.raises(LabFailed, match="fewer lessons"):
        making.make(tmp_path / "a.pyz", lessons=["00"], layers=False)


def test_the_command_refuses_what_is_no_kit(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "kit", "check", str(tmp_path / "none.pyz")],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1 and "Next:" in done.stderr and "Traceback" not in done.stderr
