"""A container from inside and from the engine's host, on a real daemon."""

from __future__ import annotations

import sys

import pytest

from helpers import bases, containers
from helpers.containers.inside import root_of
from helpers.containers.peek import ROLE, peek
from helpers.engine import labels
from helpers.errors import ContainerFailed

pytestmark = pytest.mark.daemon
NAME = "lbl-04-sides"
SCRIPT = "sleep 601 & exec sleep 600"


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    containers.remove(NAME, engine=engine)


@pytest.fixture
def box(engine, image):
    containers.run(
        image, ["sh", "-c", SCRIPT], NAME, detach=True, hostname="box", memory="32m", cpus=0.5,
        pids_limit=20, engine=engine,
    )  # fmt: skip
    return NAME


def test_what_a_container_sees(engine, box):
    found = containers.inside(box, engine=engine)
    assert [process.command for process in found.processes] == ["sleep 600", "sleep 601"]
    assert found.processes[0].pid == 1
    assert (found.host_name, found.default_name) == ("box", False)
    assert (found.uid, found.user) == (0, "root")
    assert found.interfaces == ("eth0", "lo")
    assert found.root and found.mounts > 5
    assert {"pid", "mnt", "net", "uts", "ipc", "user"} <= found.namespaces.keys()
    assert str(found).splitlines() == [
        f"What the container {NAME} sees:",
        "  processes: number 1 is sleep 600; 1 more: sleep 601",
        "  host name: box",
        "  network interfaces: eth0, lo",
        "  user: root (0)",
        "  limits: 32 MiB of memory, CPU time of 0.5 CPUs, 20 processes and threads",
    ]


def test_the_same_process_has_two_numbers_and_there_is_one_kernel(engine, box):
    found = containers.beside(box, engine=engine)
    view = found.outside
    assert view.how == "peek" and view.where == "here"
    assert [process.command for process in view.processes] == ["sleep 600", "sleep 601"]
    state = containers.inspect(box, engine=engine)["State.Pid"]
    assert view.pairs[1] == state != 1
    assert sorted(view.pairs) == [process.pid for process in found.inside.processes]
    assert view.count > len(view.processes)
    assert {"ipc", "mnt", "net", "pid", "uts"} <= set(found.own)
    assert view.kernel == found.inside.kernel
    assert view.host_name and view.host_name != "box"
    assert "eth0" in found.inside.interfaces and set(view.interfaces) != {"eth0", "lo"}
    assert view.uid is not None and view.cgroup
    # nothing of the helper is left
    rows = engine.client.api.containers(all=True, filters={"label": f"{labels.NAMESPACE}.role"})
    assert [r for r in rows if r["Labels"][f"{labels.NAMESPACE}.role"] == ROLE] == []


def test_a_container_that_shares_the_host_s_network_sees_that_network(engine, image):
    containers.run(image, ["sleep", "600"], NAME, detach=True, network="host", engine=engine)
    found = containers.beside(NAME, engine=engine)
    assert "net" in found.shared and "pid" in found.own


def test_a_default_host_name_is_told_as_what_it_is(engine, image):
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    found = containers.inside(NAME, engine=engine)
    assert found.default_name and found.host_name not in str(found)
    assert "host name: its own short ID" in str(found)


def test_another_user_is_seen(engine, image):
    containers.run(image, ["sleep", "600"], NAME, detach=True, user="nobody", engine=engine)
    found = containers.beside(NAME, engine=engine)
    assert (found.inside.user, found.inside.uid, found.outside.uid) == ("nobody", 65534, 65534)


def test_where_no_look_is_permitted_docker_top_is_asked(engine, box, monkeypatch):
    outside = sys.modules["helpers.containers.outside"]
    monkeypatch.setattr(outside, "peek", lambda *_, **__: None)
    found = containers.beside(box, engine=engine)
    assert found.outside.how == "top" and found.outside.count is None
    assert [process.command for process in found.outside.processes] == ["sleep 600", "sleep 601"]
    assert found.outside.pairs == {1: containers.inspect(box, engine=engine)["State.Pid"]}
    assert found.outside.kernel == found.inside.kernel and found.own == ()


def test_an_image_without_a_shell(engine, image):
    made = containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    containers.exec(NAME, ["rm", "/bin/sh"], engine=engine)
    with pytest.raises(ContainerFailed, match="no shell"):
        containers.inside(NAME, engine=engine)
    assert made.running


def test_a_look_that_fails_is_none_and_leaves_nothing(engine, image):
    assert peek(engine, "exit 3") is None
    assert peek(engine, 'echo "$1 there"', "hello") == "hello there\n"


def test_a_later_mount_at_the_root_hides_an_earlier_one():
    mounts = [
        "1 0 0:1 / / rw - rootfs rootfs rw",
        "2 1 0:2 / / rw,relatime master:30 - overlay overlay rw",
        "3 2 0:3 / /proc rw - proc proc rw",
    ]
    assert root_of(mounts) == "overlay" and root_of([]) == ""
