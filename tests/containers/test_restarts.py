"""Restart policies at work, and a daemon that goes away in the middle: on their own engine."""

from __future__ import annotations

import threading

import pytest

from helpers import bases, containers
from helpers.engine import Private, connect
from helpers.engine.patience import until
from helpers.engine.private import reasons_against
from helpers.errors import CourseError, EngineLost

from .. import conftest

pytestmark = pytest.mark.daemon
SLEEP = ["sleep", "600"]


@pytest.fixture(scope="module")
def again():
    """A private engine that these tests may stop and start."""
    if reasons := reasons_against():
        conftest.missing(f"no private engine here: {reasons[0]}")
    usual = conftest.test_engine()
    private = Private(f"{usual.name}-b", usual.flavour, usual.store)
    private.start()
    yield private
    private.remove()


@pytest.fixture
def own(again):
    engine = connect(again.url)
    yield engine
    for row in engine.client.api.containers(all=True):
        engine.client.api.remove_container(row["Id"], force=True)


def _runs(engine, name: str) -> bool:
    return containers.inspect(name, engine=engine)["State.Running"]


def test_after_a_restart_of_the_daemon(own, again, capsys):
    image = bases.busybox(own)
    for policy in ("no", "on-failure", "unless-stopped", "always"):
        containers.run(image, SLEEP, f"lbl-04-{policy}", detach=True, restart=policy, engine=own)
    for policy in ("unless-stopped", "always"):
        name = f"lbl-04-{policy}-stopped"
        containers.run(image, SLEEP, name, detach=True, restart=policy, engine=own)
        containers.stop(name, 0, engine=own)
        assert not _runs(own, name)
    again.stop()
    again.start()
    back = connect(again.url)
    until(lambda: _runs(back, "lbl-04-always-stopped"), 20, "containers.waiting", name="always")
    until(lambda: _runs(back, "lbl-04-always"), 20, "containers.waiting", name="always")
    until(lambda: _runs(back, "lbl-04-unless-stopped"), 20, "containers.waiting", name="unless")
    assert not _runs(back, "lbl-04-no")
    assert not _runs(back, "lbl-04-unless-stopped-stopped")  # the manual stop is remembered


def test_a_failure_is_restarted_so_many_times_and_a_success_is_not(own, capsys):
    image = bases.busybox(own)
    name = "lbl-04-fails"
    containers.run(image, ["sh", "-c", "echo up; exit 3"], name, restart="on-failure:2",
                   detach=True, engine=own)  # fmt: skip
    assert containers.wait(name, engine=own).exit_code == 3
    assert containers.inspect(name, "RestartCount", engine=own)["RestartCount"] == 2
    assert containers.logs(name, engine=own) == "up\nup\nup\n"
    containers.run(image, ["true"], name, restart="on-failure:2", detach=True, engine=own)
    assert containers.wait(name, engine=own).exit_code == 0
    assert containers.inspect(name, engine=own)["RestartCount"] == 0


def test_always_brings_back_what_ended_by_itself_and_not_what_was_stopped(own):
    image = bases.busybox(own)
    name = "lbl-04-always"
    containers.run(image, SLEEP, name, init=True, restart="always", detach=True, engine=own)
    containers.exec(name, ["killall", "sleep"], engine=own)

    def came_back() -> bool:
        found = containers.inspect(name, engine=own)
        return found["RestartCount"] == 1 and found["State.Status"] == "running"

    until(came_back, 40, "containers.waiting", name=name)
    assert containers.stop(name, engine=own).exit_code == 143
    assert not _runs(own, name)


def test_a_container_between_two_starts_takes_no_command(own):
    image = bases.busybox(own)
    name = "lbl-04-loop"
    containers.run(image, ["false"], name, restart="always", detach=True, engine=own)
    until(lambda: containers.inspect(name, engine=own)["RestartCount"] >= 4, 30,
          "containers.waiting", name=name)  # fmt: skip  # the waits are long by now

    def refused() -> str:
        try:
            containers.exec(name, ["true"], engine=own)
        except CourseError as error:
            return error.key
        return ""

    until(lambda: refused() == "containers.restarting", 20, "containers.waiting", name=name)


def test_the_daemon_goes_away_in_the_middle_of_a_run(own, again):
    image = bases.busybox(own)
    going = threading.Timer(1.0, again.stop)
    going.start()
    with pytest.raises(EngineLost):
        containers.run(image, SLEEP, "lbl-04-lost", engine=own)
    going.join(60)
    again.start()
    back = connect(again.url)
    done = containers.run(image, ["echo", "back"], "lbl-04-lost", engine=back)
    assert done.output == "back\n"


def test_a_recording_outlives_a_restart_of_the_daemon(own, again):
    image = bases.busybox(own)
    name = "lbl-04-survivor"
    with containers.record(name, engine=own) as seen:
        containers.run(image, SLEEP, name, restart="always", detach=True, engine=own)
        again.stop()
        until(lambda: seen.silent, 20, "containers.waiting", name=name)
        again.start()
        until(lambda: _runs(connect(again.url), name), 20, "containers.waiting", name=name)
    (life,) = containers.timeline(seen).lives
    assert [event.kind for event in life.events][:2] == ["create", "start"]
    assert life.events[-1].kind == "start" and life.starts == 2
    assert len(seen.gaps) == 1 and 0 < seen.gaps[0][0] < seen.gaps[0][1] <= seen.seconds
