"""One client, two daemons: a context in the course's own folder, and nothing left of it."""

from __future__ import annotations

import docker
import pytest

from helpers import components
from helpers.components import second_daemon as module
from helpers.components.client import environment_of, invoke
from helpers.engine import cleanup, journal
from helpers.errors import EngineNotFound, NotFound, NotOurs

LISTING = "image ls lbl/busybox --format '{{.Repository}}:{{.Tag}}'"
CONTEXT = module.CONTEXT


@pytest.fixture
def other(engine, image, capsys):
    yield components.second(empty=True, engine=engine)
    module.forget(engine)


def contexts(engine):
    done = invoke(["context", "ls", "--format", "{{.Name}}"], environment_of(engine))
    return [line for line in done.lines if line and " " not in line]


def test_same_client_two_sets_of_images(engine, image, other, capsys):
    assert image in components.docker(LISTING, engine=engine).output
    assert other.docker(LISTING).output == ""
    other.send(image)
    assert other.docker(LISTING).output == f"{image}\n"
    assert other.engine.id != engine.id and other.engine.store == engine.store
    out = capsys.readouterr().out
    assert (
        f"$ docker save {image} | docker --context {CONTEXT} load\nLoaded image: {image}\n" in out
    )


def test_the_same_name_in_both(engine, image, other, capsys):
    other.send(image)
    components.docker(f"run -d --name lbl-06-test {image} sleep 60", engine=engine)
    said = other.docker(f"run --rm --name lbl-06-test {image} echo there")
    assert said.output == "there\n"
    with pytest.raises(docker.errors.NotFound):
        other.engine.client.api.inspect_container("lbl-06-test")


def test_again_it_says_the_same_and_is_empty(engine, image, other, capsys):
    first = capsys.readouterr().out
    other.send(image)
    capsys.readouterr()
    again = components.second(empty=True, engine=engine)
    assert capsys.readouterr().out == first
    assert again.docker(LISTING).output == ""


def test_without_empty_it_stays_as_it_is(engine, image, other, capsys):
    other.send(image)
    again = components.second(engine=engine)
    assert again.docker(LISTING).output == f"{image}\n"


def test_cleaning_the_lesson_removes_context_and_daemon(engine, image, other, capsys):
    private = module._private(engine)
    assert CONTEXT in contexts(engine) and private.running
    removed = cleanup.clean(engine, lesson="06")
    assert removed.counts["context"] == 1
    assert contexts(engine) == ["default"]
    assert not private.running and not private.folder.exists()
    kinds = {entry.kind for entry in journal.entries(engine)}
    assert not {"context", "engine"} & kinds


def test_another_lesson_leaves_it(engine, image, other, capsys):
    assert cleanup.clean(engine, lesson="01").counts["context"] == 0
    assert CONTEXT in contexts(engine)


def test_a_context_that_the_course_did_not_make(engine, image, capsys):
    environment = environment_of(engine)
    made = ["context", "create", CONTEXT, "--docker", "host=unix:///nowhere.sock"]
    assert invoke(made, environment).exit_code == 0
    try:
        with pytest.raises(NotOurs, match=CONTEXT):
            components.second(engine=engine)
        assert "nowhere" in invoke(["context", "inspect", CONTEXT], environment).output
        module.forget(engine)
        assert CONTEXT in contexts(engine)
    finally:
        invoke(["context", "rm", CONTEXT], environment)


def test_a_daemon_that_is_gone(engine, image, other, capsys):
    module._private(engine).stop()
    with pytest.raises(EngineNotFound, match=CONTEXT) as caught:
        other.docker("ps")
    assert "docker.sock" in caught.value.why and "components.second()" in caught.value.next


def test_a_context_that_is_not_there(engine, image):
    with pytest.raises(NotFound, match="lbl-06-nothing"):
        components.docker("ps", context="lbl-06-nothing", engine=engine)


def test_an_image_that_is_not_there(engine, other):
    with pytest.raises(NotFound, match="lbl/nothing:1"):
        other.send("lbl/nothing:1")


def test_where_no_second_daemon_can_run(engine, image, capsys, monkeypatch):
    monkeypatch.setattr(module, "reasons_against", lambda: ["engine.private.not_linux"])
    away = components.second(engine=engine)
    away.docker("ps")
    away.send(image)
    out = capsys.readouterr().out
    assert "virtual machine" in out and out.count("(not run:") == 2
    assert f"$ docker --context {CONTEXT} ps" in out
    assert CONTEXT not in contexts(engine)
