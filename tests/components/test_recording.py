"""One command of the real docker client, recorded on a real daemon."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from helpers import components, figures, registry
from helpers.bases.archive import LayerWriter
from helpers.components import client, recording
from helpers.engine import labels
from helpers.errors import ContainerFailed, NotFound, NotOurs, TimedOut

from .conftest import HERE

RUN = ["ping", "create", "attach", "wait", "start"]


def client_calls(heard):
    return [one.meaning for one in heard.exchanges if one.sender == "client"]


def test_docker_run_is_five_requests(engine, image, capsys):
    heard = components.record(f"docker run --rm {image} echo hello", engine=engine)
    assert capsys.readouterr().out == f"$ docker run --rm {image} echo hello\nhello\n"
    assert client_calls(heard) == RUN
    assert [one.status for one in heard.exchanges] == [200, 201, 101, 200, 204]
    by = {one.meaning: one for one in heard.exchanges}
    assert by["attach"].kind == "both ways" and by["wait"].kind == "stream"
    assert by["attach"].received == 14  # 8 bytes of frame, "hello" and a line feed
    assert by["start"].path == "/containers/{container}/start"
    assert by["wait"].began + by["wait"].seconds >= by["start"].began
    assert heard.asked("create") == {
        "AttachStdout": True, "AttachStderr": True, "Cmd": ["echo", "hello"], "Image": image,
        "HostConfig": {"AutoRemove": True},
    }  # fmt: skip


def test_words_are_the_same_each_time(engine, image, capsys):
    words = {
        str(figures.conversation(components.record(f"run --rm {image} true", engine=engine)))
        for _ in range(2)
    }
    assert len(words) == 1


def test_exit_code_and_standard_error(engine, image, capsys):
    heard = components.record(["run", "--rm", image, "sh", "-c", "echo bad >&2; exit 3"],
                              engine=engine)  # fmt: skip
    assert (heard.output, heard.exit_code) == ("bad\n", 3)
    assert "[exit code 3]" in capsys.readouterr().out


def test_much_output_comes_through_whole(engine, image, capsys):
    script = "yes 0123456789 | head -n 15000"
    heard = components.record(["run", "--rm", image, "sh", "-c", script], engine=engine)
    assert heard.output == "0123456789\n" * 15000


def test_logs_that_are_followed_are_a_stream(engine, image, capsys):
    script = "echo one; sleep 0.3; echo two"
    components.record(["run", "-d", "--name", HERE, image, "sh", "-c", script], engine=engine)
    heard = components.record(["logs", "-f", HERE], engine=engine)
    assert heard.output == "one\ntwo\n"
    assert [one.kind for one in heard.exchanges if one.meaning == "logs"] == ["stream"]


def test_exec(engine, image, capsys):
    components.record(["run", "-d", "--name", HERE, image, "sleep", "60"], engine=engine)
    heard = components.record(["exec", HERE, "echo", "inside"], engine=engine)
    assert heard.output == "inside\n"
    found = client_calls(heard)
    assert found[0] == "ping" and {"exec_create", "exec_start", "exec_inspect"} <= set(found)


def test_a_name_is_free_again_when_the_cell_is_run_again(engine, image, capsys):
    for _ in range(2):
        heard = components.record(["run", "--name", HERE, image, "true"], engine=engine)
        assert heard.exit_code == 0
    marks = engine.client.api.inspect_container(HERE)["Config"]["Labels"]
    assert labels.ours(marks)


def test_an_image_that_is_missing_is_fetched_by_the_daemon(engine, image, capsys):
    api, shelf = engine.client.api, registry.start(engine, lesson="06")
    name = f"{shelf.url}/lbl/06-heard"
    try:
        api.tag(image, name, "1")
        pushed = components.record(f"push -q {name}:1", registry=shelf, engine=engine)
        api.remove_image(f"{name}:1")
        pulled = components.record(f"run --rm {name}:1 echo hi", registry=shelf, engine=engine)
    finally:
        shelf.stop()
        if api.images(name=name):
            api.remove_image(f"{name}:1")
    assert client_calls(pushed) == ["ping", "push"]
    assert any(one.meaning == "registry_store" for one in pushed.exchanges)
    assert client_calls(pulled) == ["ping", "create", "pull", *RUN[1:]]
    assert [one.status for one in pulled.exchanges if one.meaning == "create"] == [404, 201]
    asked = [one for one in pulled.exchanges if one.receiver == "registry"]
    assert asked and all(one.sender == "daemon" for one in asked)
    pull = next(one for one in pulled.exchanges if one.meaning == "pull")
    assert all(one.began >= pull.began for one in asked)


def test_nothing_of_the_socket_is_left(engine, image, capsys, monkeypatch):
    with tempfile.TemporaryDirectory() as place:  # its path is short, as a socket's must be
        monkeypatch.setattr(tempfile, "tempdir", place)
        heard = components.record(f"run --rm {image} true", engine=engine)
        assert client_calls(heard) == RUN and not list(Path(place).iterdir())


def test_a_command_that_does_not_end(engine, image, capsys):
    with pytest.raises(TimedOut, match="sleep 60"):
        components.record(["run", "--name", HERE, image, "sleep", "60"], limit=3, engine=engine)


def test_a_port_for_everybody_is_refused(engine, image, capsys):
    for port in (["-p", "8080:80"], ["--publish=80"], ["-P"]):
        with pytest.raises(ContainerFailed):
            components.record(["run", *port, image, "true"], engine=engine)


def test_a_foreign_container_is_left_alone(engine, image, capsys):
    api = engine.client.api
    with LayerWriter() as tar:
        tar.add("file", b"foreign")
    # an image without the label, so that the container has none either
    api.import_image_from_data(tar.file.read(), repository="test-foreign", tag="1")
    made = api.create_container("test-foreign:1", ["x"], name="test-foreign")["Id"]
    try:
        with pytest.raises(NotOurs, match="test-foreign"):
            components.record(["run", "--name", "test-foreign", image, "true"], engine=engine)
        assert api.inspect_container("test-foreign")["Id"] == made
    finally:
        api.remove_container(made)
        api.remove_image("test-foreign:1")


def test_no_client(engine, image, monkeypatch):
    monkeypatch.setattr(client.shutil, "which", lambda *_, **__: None)
    with pytest.raises(NotFound, match="docker client is not installed"):
        components.record("run --rm x", engine=engine)


@pytest.mark.parametrize("why", ["components.not_heard.windows", "components.not_heard.address"])
def test_where_nobody_can_listen_the_command_runs_and_the_recording_says_so(
    engine, image, capsys, monkeypatch, why
):
    monkeypatch.setattr(recording, "why_not", lambda _: why)
    heard = components.record(f"run --rm {image} echo hello", engine=engine)
    assert heard.output == "hello\n" and heard.stored
    assert client_calls(heard) == RUN
    assert "Nobody can listen here" in capsys.readouterr().out
    assert "stored recording" in str(figures.conversation(heard))
