"""Limits that bite, on a real daemon: memory, CPU time, processes."""

from __future__ import annotations

import time

import pytest

from helpers import bases, containers
from helpers.engine.patience import until

pytestmark = pytest.mark.daemon
NAME = "lbl-04-limits"
GREEDY = ["tail", "/dev/zero"]  # keeps all it has read: there is no line feed in it
BUSY = ["sh", "-c", "while :; do :; done"]


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    containers.remove(NAME, engine=engine)


def test_memory_ends_a_container_and_this_is_told_from_a_plain_sigkill(engine, image, capsys):
    # PID 1 is ended: on cgroup v1 the engine's own State.OOMKilled is then mostly false
    done = containers.run(image, GREEDY, NAME, memory="16m", engine=engine)
    assert (done.exit_code, done.oom_killed) == (137, True)
    assert "[exit code 137: killed by the kernel, the memory limit was reached]" in (
        capsys.readouterr().out
    )
    containers.run(image, ["sleep", "600"], NAME, memory="16m", detach=True, engine=engine)
    killed = containers.kill(NAME, engine=engine)
    assert (killed.exit_code, killed.oom_killed) == (137, False)


def test_an_earlier_life_s_end_is_not_the_later_one_s(engine, image):
    script = "[ -e /again ] && exec sleep 600; touch /again; exec tail /dev/zero"
    first = containers.run(image, ["sh", "-c", script], NAME, memory="16m", engine=engine)
    ended = time.time()
    assert first.oom_killed
    until(lambda: time.time() > ended + 2, 5, "containers.waiting", name=NAME)
    containers.start(NAME, engine=engine)
    assert not containers.kill(NAME, engine=engine).oom_killed


def test_a_child_that_is_killed_does_not_end_the_container(engine, image):
    script = "tail /dev/zero; echo it ended with $?"
    done = containers.run(image, ["sh", "-c", script], NAME, memory="16m", engine=engine)
    # "Killed" went to the other stream: the two come in any order
    assert done.exit_code == 0 and "it ended with 137" in done.output.splitlines()


def test_too_many_processes(engine, image):
    script = "for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; echo all; wait"
    done = containers.run(image, ["sh", "-c", script], NAME, pids_limit=5, engine=engine)
    assert "can't fork" in done.output and "all" not in done.output
    free = containers.run(image, ["sh", "-c", script.replace("5 &", "0 &")], engine=engine)
    assert "all" in free.output and "fork" not in free.output


def test_limits_are_read_from_the_kernel(engine, image):
    containers.run(
        image, ["sleep", "600"], NAME, detach=True, memory="32m", cpus=0.5, pids_limit=20,
        engine=engine,
    )  # fmt: skip
    found = containers.limits(NAME, engine=engine)
    assert (found.memory, found.cpus, found.pids) == (32 << 20, 0.5, 20)
    assert str(found.version) == engine.info["CgroupVersion"]
    assert "  32 MiB of memory\n  CPU time of 0.5 CPUs\n  20 processes" in str(found)
    assert any(path.endswith(("memory.max", "limit_in_bytes")) for path in found.files)


def test_without_limits(engine, image):
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    found = containers.limits(NAME, engine=engine)
    assert (found.memory, found.cpus) == (None, None)
    assert "memory without a limit" in str(found)


def test_a_cpu_limit_holds_a_busy_loop_back(engine, image):
    containers.run(image, BUSY, NAME, detach=True, cpus=0.05, engine=engine)
    slow = containers.usage(NAME, 3, engine=engine)
    containers.run(image, BUSY, NAME, detach=True, engine=engine)
    free = containers.usage(NAME, 3, engine=engine)
    # a twentieth of a CPU, and what the edges of periods (0.1 s) and samples add to it
    assert 0 < slow.share <= 0.08
    assert slow.cpu_is_full and slow.held_back > 0
    # without a limit the same loop gets more, even on a machine that others use as well
    assert free.share > slow.share
    assert free.cpu_is_full is None and free.held_back == 0
    assert "CPU time: within its limit of 0.05 CPUs" in str(slow)


def test_usage_sees_memory_grow_to_its_end(engine, image, capsys):
    script = "x=; while :; do x=$x$(head -c 200000 /dev/zero | tr '\\0' x); sleep 0.05; done"
    containers.run(image, ["sh", "-c", script], NAME, detach=True, memory="12m", engine=engine)
    capsys.readouterr()
    found = containers.usage(NAME, 60, engine=engine)
    assert capsys.readouterr().out == f"$ docker stats {NAME}\n"
    assert found.ended and found.oom_killed and found.memory_is_full
    assert found.seconds < 60 and found.peak > found.samples[0].memory
    assert "the kernel ended it" in str(found)
