"""What the engine refuses, said in the course's words; what is not the course's is left alone."""

from __future__ import annotations

import contextlib
import socket

import pytest

from helpers import bases, containers, messages
from helpers.errors import ContainerFailed, CourseError, NotFound, NotOurs

pytestmark = pytest.mark.daemon
NAME, OTHER = "lbl-04-refused", "lbl-04-holder"


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    for name in (NAME, OTHER):
        containers.remove(name, engine=engine)


@contextlib.contextmanager
def refused(key: str):
    with pytest.raises(CourseError) as caught:
        yield
    assert caught.value.key == f"containers.{key}"
    for language in ("en", "zh"):
        with messages.speaking(language):
            assert str(caught.value)
    refused.error = caught.value


def test_a_port_that_a_container_has(engine, image):
    publish = ["127.0.0.1:18380:80"]
    run = {"detach": True, "publish": publish, "engine": engine}
    containers.run(image, ["sleep", "600"], OTHER, **run)
    with refused("port_of_container"):
        containers.run(image, ["sleep", "600"], NAME, **run)
    assert OTHER in refused.error.what and "127.0.0.1:18380" in refused.error.what
    containers.run(image, ["sleep", "600"], OTHER, **run)  # its own port is no hindrance


def test_a_port_that_a_program_of_the_host_has(engine, image):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with refused("port_taken"):
            containers.run(image, ["true"], NAME, publish=f"127.0.0.1:{port}:80", engine=engine)
    assert f"127.0.0.1:{port}" in refused.error.what


def test_a_port_on_all_addresses_is_not_even_asked_for(engine, image, capsys):
    with refused("publish"):
        containers.run(image, ["true"], NAME, publish=["8080:80"], engine=engine)
    assert capsys.readouterr().out == ""


def test_more_cpus_than_there_are(engine, image):
    with refused("many_cpus"):
        containers.run(image, ["true"], NAME, cpus=4096, engine=engine)


def test_bad_values_leave_the_old_container_alone(engine, image):
    first = containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    for bad in ({"memory": "x"}, {"cpus": -1}, {"restart": "x"}, {"pids_limit": 0}):
        with pytest.raises(ContainerFailed):
            containers.run(image, ["true"], NAME, engine=engine, **bad)
    assert containers.inspect(NAME, engine=engine)["Id"] == first.id


def test_policies_that_would_wait_for_ever_or_lose_the_container(engine, image):
    with refused("restart_nameless"):
        containers.run(image, ["true"], restart="on-failure", detach=True, engine=engine)
    with refused("restart_foreground"):
        containers.run(image, ["true"], NAME, restart="always", engine=engine)


def test_a_network_that_is_not_there_and_one_that_is_foreign(engine, image):
    with pytest.raises(NotFound, match="lbl-04-nowhere"):
        containers.run(image, ["true"], NAME, network="lbl-04-nowhere", engine=engine)
    foreign = engine.client.api.create_network("test-foreign-net")["Id"]
    try:
        with pytest.raises(NotOurs, match="test-foreign-net"):
            containers.run(image, ["true"], NAME, network="test-foreign-net", engine=engine)
    finally:
        engine.client.api.remove_network(foreign)


# the second looks like the course's, but no exercise gives such a name
@pytest.mark.parametrize("name", ["test-foreign-volume", "lbl-foreign"])
def test_a_volume_that_is_foreign(engine, image, name):
    engine.client.api.create_volume(name)
    try:
        with pytest.raises(NotOurs, match=name):
            containers.run(image, ["true"], volumes=[f"{name}:/x"], engine=engine)
    finally:
        engine.client.api.remove_volume(name)


def test_a_read_only_root_is_said(engine, image, capsys):
    done = containers.run(
        image, ["sh", "-c", "echo x > /etc/motd"], NAME, read_only=True, engine=engine
    )
    assert done.exit_code == 1
    assert "[the root file system is read-only" in capsys.readouterr().out
