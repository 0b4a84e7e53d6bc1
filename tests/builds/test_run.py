"""Builds on a real daemon, with BuildKit and with the classic builder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading

import docker
import pytest

from helpers import bases, builds
from helpers.bases.archive import LayerWriter
from helpers.builds import buildkit
from helpers.engine import journal, labels
from helpers.engine.build_cache import records
from helpers.errors import BuildFailed, NotFound, NotOurs, TimedOut
from tests.conftest import missing

TAG = "lbl/test-build:1"
GOOD = "FROM lbl/busybox:1\nCOPY a.txt /\nRUN echo b > /b\nENV X=1\nCMD cat /a.txt\n"


@pytest.fixture
def folder(tmp_path, engine, monkeypatch):
    bases.busybox(engine)
    place = tmp_path / "contexts" / "sample"
    place.mkdir(parents=True)
    (place / "a.txt").write_text("a\n")
    monkeypatch.chdir(tmp_path)
    yield place
    with contextlib.suppress(docker.errors.ImageNotFound):
        engine.client.api.remove_image(TAG, force=True)


@pytest.fixture
def build(folder, engine):
    def run(dockerfile: str, **options: object) -> builds.Build:
        (folder / "Dockerfile").write_text(dockerfile)
        return builds.run(folder, TAG, engine, **options)

    return run


def test_what_is_printed_and_returned(build, builder, engine, capsys):
    done = build(GOOD)
    assert capsys.readouterr().out == (
        f"contexts/sample $ docker build -t {TAG} .\nBuilt {TAG}: 3 layers\n"
    )
    assert (done.tag, done.layers, done.builder) == (TAG, 3, builder)
    found = engine.client.api.inspect_image(TAG)
    assert labels.ours(found["Config"]["Labels"])
    assert len(found["RootFS"]["Layers"]) == 3


def test_only_of_the_courses_own_client_the_plugin_is_started_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    started = []
    for place in (tmp_path / "home/programs/client-28/usr", tmp_path / "usr"):
        for name in ("bin/docker", "libexec/docker/cli-plugins/docker-buildx"):
            (place / name).parent.mkdir(parents=True)
            (place / name).touch(0o755)
        started.append(buildkit._buildx({"PATH": f"{place}/bin"}))
    own, other = started
    plugin = "home/programs/client-28/usr/libexec/docker/cli-plugins/docker-buildx"
    assert own == [str(tmp_path / plugin)]
    assert other == ["docker", "buildx"]  # which of several it starts is for the client to say
    assert buildkit._buildx({"PATH": str(tmp_path)}) == ["docker", "buildx"]


def test_what_is_printed_makes_the_same_when_typed(build, engine, folder, capsys):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    build(GOOD)
    printed = capsys.readouterr().out.split("\n")[0].partition(" $ ")[2]
    before = engine.client.api.inspect_image(TAG)
    engine.client.api.remove_image(TAG, force=True)
    typed = subprocess.run(
        printed, shell=True, cwd=folder, env=engine.environment(), capture_output=True, timeout=120
    )
    assert typed.returncode == 0, typed.stderr
    after = engine.client.api.inspect_image(TAG)
    assert after["RootFS"] == before["RootFS"]
    assert labels.ours(after["Config"]["Labels"])


def test_steps_are_the_dockerfiles_alone(build, builder, engine, capsys):
    build(GOOD)
    steps = [row["CreatedBy"] for row in engine.client.api.history(TAG)]
    assert len(steps) == 4 + 2  # the base image has two
    assert not any("LABEL" in step for step in steps)


def test_building_again_leaves_no_nameless_image(build, builder, engine, capsys):
    build(GOOD)
    first = engine.client.api.inspect_image(TAG)["Id"]
    build(GOOD.replace("ENV X=1", "ENV X=2"))
    assert engine.client.api.inspect_image(TAG)["Id"] != first
    with pytest.raises(docker.errors.ImageNotFound):
        engine.client.api.inspect_image(first)


def test_an_image_on_nothing_gets_its_label_by_a_flag_that_is_shown(build, builder, engine, capsys):
    build("FROM scratch\nCOPY a.txt /\n")
    assert "--label=org.layer-by-layer.course=layer-by-layer ." in capsys.readouterr().out
    assert labels.ours(engine.client.api.inspect_image(TAG)["Config"]["Labels"])


def test_a_failing_command(build, builder, capsys):
    with pytest.raises(BuildFailed) as caught:
        build("FROM lbl/busybox:1\n\nRUN echo before; \\\n  cat /nothing\n")
    assert caught.value.what == "Line 3 of the Dockerfile failed: RUN echo before; cat /nothing"
    assert caught.value.why.startswith("The command ended with exit code 1.")
    assert "before" in caught.value.why and "/nothing" in caught.value.why


def test_a_missing_file(build, builder, capsys):
    with pytest.raises(BuildFailed) as caught:
        build("FROM lbl/busybox:1\nCOPY nope.txt /\n")
    assert caught.value.what.startswith("Line 2 ")
    assert "no nope.txt in the build context contexts/sample" in caught.value.why


def test_a_typing_mistake(build, builder, capsys):
    with pytest.raises(BuildFailed) as caught:
        build("FROM lbl/busybox:1\nRNU x\n")
    assert caught.value.what == "Line 2 of the Dockerfile failed: RNU x"
    assert "unknown instruction: RNU" in caught.value.why


def test_an_empty_dockerfile(build, builder, capsys):
    with pytest.raises(BuildFailed, match="empty"):
        build("")


def test_a_base_of_the_course_that_is_not_built_yet(build, capsys):
    with pytest.raises(NotFound) as caught:
        build("FROM lbl/test-never:1\n")
    assert caught.value.key == "builds.no_base" and "lbl/test-never:1" in caught.value.what


def test_no_folder_no_dockerfile_no_name(folder, engine):
    with pytest.raises(NotFound, match="nowhere"):
        builds.run("nowhere", TAG, engine)
    with pytest.raises(NotFound, match="contexts/sample"):
        builds.run(folder, TAG, engine)
    (folder / "Dockerfile").write_text(GOOD)
    for tag in ("LBL/x:1", "a b", "", "-t", "x:", "lbl/é:1"):
        with pytest.raises(BuildFailed, match="not a name"):
            builds.run(folder, tag, engine)


def test_a_foreign_image_of_that_name_is_left_alone(build, engine, capsys):
    api = engine.client.api
    with LayerWriter() as tar:
        tar.add("foreign", b"x")
    api.import_image_from_data(tar.file.read(), repository=TAG.split(":")[0], tag="1")
    before = api.inspect_image(TAG)["Id"]
    with pytest.raises(NotOurs, match=TAG):
        build(GOOD)
    assert api.inspect_image(TAG)["Id"] == before


def test_a_build_that_does_not_end(build, builder, capsys):
    with pytest.raises(TimedOut, match=TAG):
        build("FROM lbl/busybox:1\nRUN sleep 600\n", limit=3)


def test_ctrl_c_ends_the_build(build, engine, capsys):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    # a shell starts a job in the background with the signal ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(3, os.kill, (os.getpid(), signal.SIGINT))  # as Jupyter does
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            build("FROM lbl/busybox:1\nRUN sleep 600\n", limit=60)
    finally:
        timer.cancel()
        signal.signal(signal.SIGINT, before)
    with pytest.raises(docker.errors.ImageNotFound):
        engine.client.api.inspect_image(TAG)


def test_records_are_journalled(build, engine, capsys):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    before = records(engine)
    build("FROM lbl/busybox:1\nRUN echo $RANDOM $RANDOM > /journalled\n")
    new = records(engine) - before
    written = {entry.id for entry in journal.entries(engine, "build-cache")}
    assert new <= written
