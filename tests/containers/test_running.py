"""Containers on a real daemon: what is printed, what is returned, what is left alone."""

from __future__ import annotations

import subprocess

import docker
import pytest

from helpers import bases, containers
from helpers.engine import labels
from helpers.errors import ContainerFailed, NotFound, NotOurs, TimedOut

NAME = "lbl-01-test"
MUCH = "yes $(head -c 4000 /dev/zero | tr '\\0' x) | head -c 3000000"


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    containers.remove(NAME, engine=engine)


def test_foreground_prints_command_and_output(engine, image, capsys):
    done = containers.run(image, ["echo", "two words"], NAME, engine=engine)
    assert capsys.readouterr().out == (
        f"$ docker run --name {NAME} lbl/busybox:1 echo 'two words'\ntwo words\n"
    )
    assert (done.output, done.exit_code, done.running) == ("two words\n", 0, False)
    assert done.id not in repr(done)


def test_what_is_printed_does_the_same_when_typed(engine, image, capsys):
    containers.run(image, "sh -c 'echo hi; exit 3'", NAME, engine=engine)
    printed = capsys.readouterr().out.split("\n")[0].removeprefix("$ ")
    containers.remove(NAME, engine=engine)
    typed = subprocess.run(
        printed, shell=True, env=engine.environment(), capture_output=True, text=True, timeout=60
    )
    assert (typed.stdout, typed.returncode) == ("hi\n", 3)
    # Docker hands the image's label on: what a learner types is the course's as well
    assert labels.ours(engine.client.api.inspect_container(NAME)["Config"]["Labels"])


def test_exit_code_is_told(engine, image, capsys):
    done = containers.run(image, "sh -c 'exit 3'", NAME, engine=engine)
    assert done.exit_code == 3
    assert "[exit code 3]" in capsys.readouterr().out


def test_without_a_name_nothing_is_left(engine, image, capsys):
    before = {c["Id"] for c in engine.client.api.containers(all=True)}
    done = containers.run(image, ["true"], engine=engine)
    assert done.name == ""
    assert "docker run --rm lbl/busybox:1 true" in capsys.readouterr().out
    with pytest.raises(docker.errors.NotFound):
        engine.client.api.inspect_container(done.id)
    assert before >= {c["Id"] for c in engine.client.api.containers(all=True)}


def test_running_a_cell_twice_replaces_the_container(engine, image, capsys):
    first = containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    second = containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    assert first.id != second.id and second.running
    with pytest.raises(docker.errors.NotFound):
        engine.client.api.inspect_container(first.id)


def test_lesson_is_in_the_labels(engine, image, capsys):
    done = containers.run(image, ["true"], NAME, engine=engine)
    marks = engine.client.api.inspect_container(done.id)["Config"]["Labels"]
    assert labels.ours(marks) and labels.lesson_of(marks) == "01"


def test_exec_logs_stop_start_remove(engine, image, capsys):
    script = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    containers.run(image, ["sh", "-c", script], NAME, detach=True, engine=engine)
    found = containers.exec(NAME, ["sh", "-c", "echo inside; exit 2"], engine=engine)
    assert (found.output, found.exit_code) == ("inside\n", 2)
    stopped = containers.stop(NAME, engine=engine)
    assert (stopped.running, stopped.exit_code) == (False, 0)
    assert containers.logs(NAME, engine=engine) == "up\nbye\n"
    assert containers.start(NAME, engine=engine).running
    containers.remove(NAME, engine=engine)
    with pytest.raises(docker.errors.NotFound):
        engine.client.api.inspect_container(NAME)
    printed = [row for row in capsys.readouterr().out.split("\n") if row.startswith("$ ")]
    assert [row.split()[2] for row in printed] == ["run", "exec", "stop", "logs", "start", "rm"]


def test_control_sequences_are_not_printed(engine, image, capsys):
    containers.run(image, ["printf", r"\033[2J\033[31mred\033[0m\007\n"], NAME, engine=engine)
    assert capsys.readouterr().out.endswith("\nred\n")


def test_very_long_output_is_cut_and_the_command_ends(engine, image, capsys):
    done = containers.run(image, ["sh", "-c", MUCH], NAME, engine=engine)
    assert done.exit_code == 0
    assert len(done.output) < 300_000 and "cut" in done.output
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    found = containers.exec(NAME, ["sh", "-c", MUCH], engine=engine)
    assert found.exit_code == 0 and len(found.output) < 300_000


def test_a_command_that_does_not_end_is_killed(engine, image, capsys):
    with pytest.raises(TimedOut, match=NAME):
        containers.run(image, ["sleep", "600"], NAME, limit=0.5, engine=engine)
    assert not engine.client.api.inspect_container(NAME)["State"]["Running"]


def test_an_exec_that_does_not_end(engine, image, capsys):
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    with pytest.raises(TimedOut, match=NAME):
        containers.exec(NAME, ["sleep", "600"], limit=0.5, engine=engine)


def test_a_program_that_is_not_there(engine, image, capsys):
    with pytest.raises(ContainerFailed) as caught:
        containers.run(image, ["nope"], NAME, engine=engine)
    assert caught.value.why.endswith('exec: "nope": executable file not found in $PATH')
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    with pytest.raises(ContainerFailed, match='exec: "nope": executable file not found'):
        containers.exec(NAME, ["nope"], engine=engine)


def test_an_image_that_is_not_there_is_not_pulled(engine, image):
    with pytest.raises(NotFound) as caught:
        containers.run("lbl/busybx:1", engine=engine)
    assert "lbl/busybox:1" in caught.value.why


def test_a_container_that_is_not_there(engine, image, capsys):
    containers.run(image, ["true"], NAME, engine=engine)
    for call in (containers.logs, containers.stop, containers.start, containers.changes):
        with pytest.raises(NotFound) as caught:
            call("lbl-01-tset", engine=engine)
        assert NAME in caught.value.why
    containers.remove("lbl-01-tset", engine=engine)  # gone already is what was wanted


def test_a_bad_name(engine, image, capsys):
    with pytest.raises(ContainerFailed, match="Invalid container name"):
        containers.run(image, ["true"], "<b>", engine=engine)


def test_foreign_containers_are_left_alone(engine, image, capsys):
    api = engine.client.api
    # an image without the label, so that the container has none either
    api.import_image_from_data(_tar(), repository="test-foreign", tag="1")
    made = api.create_container("test-foreign:1", ["x"], name="test-foreign")["Id"]
    try:
        for call in (containers.logs, containers.stop, containers.remove, containers.changes):
            with pytest.raises(NotOurs, match="test-foreign"):
                call("test-foreign", engine=engine)
        with pytest.raises(NotOurs):
            containers.run(image, ["true"], "test-foreign", engine=engine)
        assert api.inspect_container("test-foreign")["Id"] == made
    finally:
        api.remove_container(made)
        api.remove_image("test-foreign:1")


def _tar() -> bytes:
    from helpers.bases.archive import LayerWriter

    with LayerWriter() as tar:
        tar.add("file", b"foreign")
    return tar.file.read()


def test_ctrl_c_leaves_nothing_running(engine, image, capsys, monkeypatch):
    from helpers.containers import running

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "await_end", interrupt)
    with pytest.raises(KeyboardInterrupt):
        containers.run(image, ["sleep", "600"], NAME, engine=engine)
    assert not engine.client.api.inspect_container(NAME)["State"]["Running"]
