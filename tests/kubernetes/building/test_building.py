"""Kubernetes is built once, one at a time, in the background, and what fails is told."""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from helpers.errors import KubernetesFailed, NoSpace, TimedOut
from helpers.kubernetes import building
from helpers.kubernetes.building import compiling, recipe


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course's folder in which nothing is, and a Debian archive in which nothing is."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    handler.log_message = lambda *_: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("LAYER_BY_LAYER_DEBIAN_MIRROR", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    server.shutdown()
    server.server_close()


def _finish() -> None:
    recipe.folder().mkdir(parents=True)
    for name in recipe.NAMES:
        (recipe.folder() / name).touch()


def test_the_programs_are_of_the_version_that_is_promised(programs: Path) -> None:
    for name in recipe.NAMES:
        said = subprocess.run(
            [programs / name, "--version"], capture_output=True, text=True, timeout=60, check=True
        )
        assert said.stdout.strip() == f"Kubernetes v{recipe.VERSION}"
    assert building.begin().wait(1) == programs  # nothing left to do


def test_nothing_is_there_before_a_build(empty: Path) -> None:
    assert building.programs() is None
    _finish()
    assert building.programs() == recipe.folder()


def test_another_recipe_is_another_folder(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = recipe.folder()
    monkeypatch.setattr(recipe, "PATCHES", recipe.PATCHES[:1])
    assert recipe.folder() != before
    assert recipe.folder().parent == before.parent


def test_a_build_that_fails_in_the_background_tells_why(empty: Path) -> None:
    handle = building.begin()
    with pytest.raises(KubernetesFailed) as caught:
        handle.wait(120)
    assert caught.value.key == "kubernetes.build.ended"
    assert "HTTP 404" in caught.value.why
    assert not handle.running


def test_one_at_a_time(empty: Path) -> None:
    (empty / "kubernetes").mkdir(parents=True)
    with FileLock(empty / "kubernetes" / "build.lock"):  # another process, which is building
        handle = building.begin()
        with pytest.raises(TimedOut):
            handle.wait(0.1)
        assert handle.running
        _finish()
        assert handle.wait(1) == recipe.folder()
    handle.stop()
    assert not handle.running


def test_a_full_disk_is_told_before_anything_is_fetched(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "SPACE", 10**18)
    with pytest.raises(NoSpace):
        building.build()


def test_a_compiler_that_gives_up_is_told_with_its_last_words(empty: Path) -> None:
    (empty / "tree").mkdir(parents=True)
    build = compiling._Build(empty / "work", empty / "tree")
    with pytest.raises(KubernetesFailed) as caught:
        build.run(["sh", "-c", "echo 'signal: killed'; exit 3"])
    assert "3" in caught.value.why
    assert "signal: killed" in caught.value.why


@pytest.mark.sweep
def test_an_interrupted_build_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unpacked and compiled stays: here up to the first tenth of the whole."""
    from helpers.paths import home

    pool = home() / "debian"
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))
    (tmp_path / "debian").symlink_to(pool)
    told: list[str] = []

    class Enough(Exception):
        pass

    def progress(line: str) -> None:
        told.append(line)
        if "10 %" in line:
            raise Enough

    with pytest.raises(Enough):
        building.build(progress)
    work = tmp_path / "kubernetes" / "work"
    assert {"go", "gopath", "cache"} <= {path.name for path in work.iterdir()}
    assert building.programs() is None
    first, told[:] = len(told), []
    with pytest.raises(Enough):
        building.build(progress)
    assert len(told) == 2 < first, "toolchain, source and the generated file are there already"
