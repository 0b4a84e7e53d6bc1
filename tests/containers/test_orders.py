"""Orders to containers, logs and inspect on a real daemon."""

from __future__ import annotations

import pytest

from helpers import bases, containers
from helpers.containers import Probe
from helpers.errors import ContainerFailed, TimedOut

pytestmark = pytest.mark.daemon
NAME = "lbl-04-orders"


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    containers.remove(NAME, engine=engine)


@pytest.fixture
def sleeper(engine, image, capsys):
    """A container that ends on SIGTERM."""
    containers.run(image, ["sleep", "600"], NAME, detach=True, init=True, engine=engine)
    capsys.readouterr()
    return NAME


def test_a_container_that_ignores_sigterm_is_killed_and_this_is_said(engine, image, capsys):
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)  # PID 1, no handler
    ended = containers.stop(NAME, 1, engine=engine)
    assert (ended.exit_code, ended.running, ended.oom_killed) == (137, False, False)
    said = capsys.readouterr().out.splitlines()[1:]
    assert said == [
        f"$ docker stop -t 1 {NAME}",
        "[SIGTERM did not end it within 1 s, so it was killed: exit code 137]",
    ]


def test_one_that_heeds_it_ends_at_once(engine, sleeper, capsys):
    assert containers.stop(sleeper, engine=engine).exit_code == 143
    assert capsys.readouterr().out == f"$ docker stop {NAME}\n"


def test_kill_restart_pause_wait(engine, sleeper, capsys):
    assert containers.pause(sleeper, engine=engine).running
    state = containers.inspect(sleeper, "State.Status", "State.Paused", engine=engine)
    assert state["State.Status"] == "paused"
    assert containers.unpause(sleeper, engine=engine).running
    assert containers.restart(sleeper, 2, engine=engine).running
    assert containers.kill(sleeper, "TERM", engine=engine).id
    assert containers.wait(sleeper, engine=engine).exit_code == 143
    containers.start(sleeper, engine=engine)
    assert containers.kill(sleeper, engine=engine).exit_code == 137
    assert capsys.readouterr().out.splitlines() == [
        f"$ docker pause {NAME}",
        f"$ docker inspect --format '{{{{.State.Status}}}} {{{{.State.Paused}}}}' {NAME}",
        "paused true",
        f"$ docker unpause {NAME}",
        f"$ docker restart -t 2 {NAME}",
        f"$ docker kill -s TERM {NAME}",
        f"$ docker wait {NAME}",
        "143",
        f"$ docker start {NAME}",
        f"$ docker kill {NAME}",
    ]


def test_what_a_state_does_not_permit(engine, sleeper):
    def key(call, *args) -> str:
        with pytest.raises(ContainerFailed) as caught:
            call(*args, engine=engine)
        return caught.value.key.removeprefix("containers.")

    assert key(containers.unpause, sleeper) == "order_unpause"
    containers.pause(sleeper, engine=engine)
    assert key(containers.pause, sleeper) == "paused_already"
    assert key(containers.exec, sleeper, ["true"]) == "paused"
    assert key(containers.inside, sleeper) == "paused"
    containers.kill(sleeper, engine=engine)
    for call in (containers.kill, containers.pause, containers.inside, containers.limits):
        assert key(call, sleeper) == "ended"
    assert key(containers.exec, sleeper, ["true"]) == "ended"
    assert key(containers.usage, sleeper) == "ended"


def test_waiting_for_the_end_is_bounded(engine, sleeper):
    with pytest.raises(TimedOut, match="still ran"):
        containers.wait(sleeper, limit=0.3, engine=engine)
    assert containers.inspect(sleeper, engine=engine)["State.Running"]  # and it was not killed


def test_logs_tell_the_streams_apart(engine, image, capsys):
    script = "echo one; echo two; echo oops >&2; exit 1"
    containers.run(image, ["sh", "-c", script], NAME, engine=engine)
    capsys.readouterr()
    assert containers.logs(NAME, stream="stdout", engine=engine) == "one\ntwo\n"
    assert containers.logs(NAME, stream="stderr", engine=engine) == "oops\n"
    assert containers.logs(NAME, tail=1, stream="stdout", since=600, engine=engine) in ("", "two\n")
    said = [row for row in capsys.readouterr().out.splitlines() if row.startswith("$")]
    assert said == [
        f"$ docker logs {NAME} 2>/dev/null",
        f"$ docker logs {NAME} >/dev/null",
        f"$ docker logs --tail 1 --since 600s {NAME} 2>/dev/null",
    ]


def test_logs_since_leaves_out_what_is_older(engine, image):
    script = "echo old; sleep 3; echo new; exec sleep 600"
    containers.run(image, ["sh", "-c", script], NAME, detach=True, engine=engine)
    containers.logs(NAME, awaited="new", engine=engine)
    assert containers.logs(NAME, since=1.5, engine=engine) == "new\n"
    assert containers.logs(NAME, tail=1, engine=engine) == "new\n"


def test_words_that_are_awaited(engine, image):
    script = "sleep 0.3; echo ready; exec sleep 600"
    containers.run(image, ["sh", "-c", script], NAME, detach=True, engine=engine)
    assert containers.logs(NAME, awaited="ready", engine=engine) == "ready\n"
    with pytest.raises(TimedOut, match="never"):
        containers.logs(NAME, awaited="never", limit=0.3, engine=engine)
    containers.kill(NAME, engine=engine)
    with pytest.raises(ContainerFailed, match="ended and had not written"):
        containers.logs(NAME, awaited="never", engine=engine)


def test_inspect_names_a_field_that_is_not_there(engine, sleeper):
    with pytest.raises(ContainerFailed, match=r"State\.exitcode"):
        containers.inspect(sleeper, "State.exitcode", engine=engine)


def test_options_reach_the_container(engine, image, capsys):
    containers.run(
        image, ["sleep", "600"], NAME, detach=True, init=True, hostname="box", user="nobody",
        workdir="/tmp", tmpfs="/cache:size=1m", volumes=["lbl-04-orders-v:/v", "/anonymous"],
        network="none", read_only=True, health=Probe("true"), env={"A": "1"}, engine=engine,
    )  # fmt: skip
    try:
        said = containers.exec(NAME, ["sh", "-c", "id -un; pwd; hostname; echo $A"], engine=engine)
        assert said.output == "nobody\n/tmp\nbox\n1\n"
        assert containers.health(NAME, engine=engine).status == "healthy"
        written = containers.exec(NAME, ["touch", "/tmp/x"], engine=engine)
        assert written.exit_code == 1
        assert "only volumes and tmpfs can be written" in capsys.readouterr().out
        assert containers.exec(NAME, ["touch", "/cache/x"], user="0", engine=engine).exit_code == 0
        # every volume carries the course's labels, the one without a name too
        volumes = [m["Name"] for m in containers.inspect(NAME, engine=engine)["Mounts"]
                   if m["Type"] == "volume"]  # fmt: skip
        assert len(volumes) == 2
        for volume in volumes:
            marks = engine.client.api.inspect_volume(volume)["Labels"]
            assert marks["org.layer-by-layer.lesson"] == "04"
    finally:
        containers.remove(NAME, engine=engine)
        left = engine.client.api.volumes()["Volumes"] or []
        assert [v["Name"] for v in left if v["Name"] in volumes] == ["lbl-04-orders-v"]
        engine.client.api.remove_volume("lbl-04-orders-v")


def test_an_entry_point_in_place_of_the_image_s(engine, image, capsys):
    done = containers.run(image, ["echo $0"], entrypoint=["sh", "-c"], engine=engine)
    assert done.output == "sh\n"
    assert capsys.readouterr().out.splitlines()[0] == (
        "$ docker run --rm --entrypoint sh lbl/busybox:1 -c 'echo $0'"
    )
