"""Base images of a scenario's own: one more layer, and nothing that a builder has seen."""

from __future__ import annotations

import contextlib

import docker
import pytest

from helpers import bases, builds
from helpers.builds import buildkit
from helpers.engine import build_cache, labels
from helpers.errors import NotOurs
from tests.conftest import missing

NAME = "lbl/gcc:03-test-anew"


@pytest.fixture
def base(engine):
    bases.gcc(engine)
    yield "lbl/gcc:12"
    for name in (NAME, "lbl/test-anew:1"):
        with contextlib.suppress(docker.errors.ImageNotFound):
            engine.client.api.remove_image(name, force=True)


def _layers(engine, name):
    return engine.client.api.inspect_image(name)["RootFS"]["Layers"]


def test_it_is_the_base_and_one_layer_that_is_new_each_time(base, engine):
    below, found = _layers(engine, base), []
    before = build_cache.records(engine)
    for _ in range(2):
        assert bases.anew(base, "03-test-anew", "03", engine) == NAME
        found.append(_layers(engine, NAME))
    assert [layers[:-1] for layers in found] == [below, below]
    assert found[0][-1] != found[1][-1]
    assert build_cache.records(engine) == before, "the builder was asked"
    told = engine.client.api.inspect_image(NAME)
    assert labels.lesson_of(told["Config"]["Labels"]) == "03"
    assert told["Config"]["Cmd"] == engine.client.api.inspect_image(base)["Config"]["Cmd"]
    assert not engine.client.api.images(filters={"dangling": True, "label": labels.LESSON + "=03"})
    assert not engine.client.api.containers(all=True, filters={"ancestor": NAME})


def test_what_stands_on_it_runs_once_more(base, engine, tmp_path, capsys):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    (tmp_path / "Dockerfile").write_text(f"FROM {NAME}\nRUN true\n")
    ran = []
    for fresh in (True, False, True):
        if fresh:
            bases.anew(base, "03-test-anew", "03", engine)
        ran.append(len(builds.run(tmp_path, "lbl/test-anew:1", engine).trace.ran))
    assert ran == [1, 0, 1]


def test_an_image_of_the_learners_is_left_alone(base, engine):
    engine.client.api.import_image_from_data(bytes(1024), repository="lbl/gcc", tag="03-own")
    before = engine.client.api.inspect_image("lbl/gcc:03-own")["Id"]
    with pytest.raises(NotOurs):
        bases.anew(base, "03-own", "03", engine)
    assert engine.client.api.inspect_image("lbl/gcc:03-own")["Id"] == before
    engine.client.api.remove_image("lbl/gcc:03-own")
