"""A private engine is really private, and really gone afterwards."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.classroom.own_engine import ClassEngine
from helpers.engine import Engine, Private, connect
from helpers.engine.traces import children
from helpers.errors import EngineFailed, EngineLost
from helpers.kubernetes.own.node import Node

from . import foreign

pytestmark = pytest.mark.daemon


@pytest.fixture
def second(private_engine: Private) -> Iterator[Private]:
    """Another private engine beside the test engine."""
    other = Private("test-second", private_engine.flavour, private_engine.store)
    other.remove()
    yield other
    other.remove()


def _host_state() -> dict[str, object]:
    """What an engine must not change on the host."""
    rules = subprocess.run(
        ["sh", "-c", "iptables-save 2>/dev/null"], capture_output=True, check=False
    )
    return {
        "links": sorted(p.name for p in Path("/sys/class/net").iterdir()),
        "rules": rules.stdout,
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "run": sorted(p.name for p in Path("/run").iterdir()),
        "etc": sorted(p.name for p in Path("/etc").iterdir()),
        "opt": sorted(p.name for p in Path("/opt").iterdir() if p.name != "containerd"),
        "forwarding": Path("/proc/sys/net/ipv4/ip_forward").read_text(),
        "ports": Path("/proc/sys/net/ipv4/ip_local_port_range").read_text(),
    }


def _ours(name: str) -> list[str]:
    found = subprocess.run(
        ["pgrep", "-af", f"engines/{name}/"], capture_output=True, text=True, check=False
    )
    return found.stdout.splitlines()


def test_it_starts_stops_and_leaves_nothing(second: Private) -> None:
    before = _host_state()
    second.start()
    assert second.running
    during = _host_state()
    # only the host's end of nothing: no bridge, no rule, no mount, no file outside its folder
    assert during == before
    folder = second.folder
    second.remove()
    assert not second.running
    assert _host_state() == before
    assert not folder.exists()
    assert _ours("test-second") == []
    groups = [p for p in Path("/sys/fs/cgroup").rglob("test-second") if p.is_dir()]
    assert groups == []


def test_start_twice_is_one_engine(second: Private) -> None:
    second.start()
    first = second._pid()
    second.start()
    assert second._pid() == first


def test_images_survive_a_stop(second: Private) -> None:
    second.start()
    engine = connect(second.url)
    foreign.image(engine)
    engine.close()
    second.stop()
    second.start()
    engine = connect(second.url)
    assert engine.client.images.get(foreign.IMAGE)
    engine.close()


def test_it_starts_again_after_kill_9(second: Private) -> None:
    second.start()
    pid = second._pid()
    assert pid
    os.kill(children(pid)[0], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while second.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not second.running
    second.start()
    assert second.running


def test_a_daemon_that_dies_is_told(second: Private) -> None:
    second.start()
    engine = connect(second.url)
    second.stop()
    from helpers.engine import inventory

    with pytest.raises(EngineLost) as caught:
        inventory.take(engine)
    assert "http" not in str(caught.value).lower()
    engine.close()


def test_two_engines_choose_free_ports_apart(engine: Engine, second: Private) -> None:
    second.start()
    other = connect(second.url)
    try:
        chosen = []
        for one in (engine, other):
            foreign.image(one)
            container = one.client.containers.run(
                foreign.IMAGE, ["sleep", "60"], detach=True, name="foreign-web",
                ports={"80/tcp": ("127.0.0.1", None)}, stop_signal="SIGKILL",
            )  # fmt: skip
            container.reload()
            chosen.append(int(container.ports["80/tcp"][0]["HostPort"]))
        for port, private in zip(chosen, (engine.private, second), strict=True):
            low, high = private._ports
            assert low <= port <= high
        assert engine.private._ports != second._ports
    finally:
        for one in (engine, other):
            foreign.remove(one)
        other.close()


def test_two_engines_publish_the_same_port_number_apart(engine: Engine, second: Private) -> None:
    """Same inner port, both reachable on loopback, each answering for itself, none outside."""
    second.start()
    other = connect(second.url)
    ports = []
    try:
        for index, one in enumerate((engine, other)):
            foreign.image(one)
            command = ["sh", "-c", f"echo engine{index} > /index.html; exec httpd -f -p 80 -h /"]
            container = one.client.containers.run(
                foreign.IMAGE, command, detach=True, name="foreign-web",
                ports={"80/tcp": _free_port()}, stop_signal="SIGKILL",
            )  # fmt: skip
            container.reload()
            ports.append(int(container.ports["80/tcp"][0]["HostPort"]))
        for index, port in enumerate(ports):
            assert _get("127.0.0.1", port) == f"engine{index}\n"
            for address in _outside_addresses():
                with pytest.raises(OSError):
                    _get(address, port)
    finally:
        for one in (engine, other):
            foreign.remove(one)
        other.close()
    for port in ports:
        with pytest.raises(OSError):
            _get("127.0.0.1", port)


def test_a_port_taken_on_the_host_is_refused(engine: Engine) -> None:
    import docker

    foreign.image(engine)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(docker.errors.APIError, match=r"127\.0\.0\.1"):
            engine.client.containers.run(
                foreign.IMAGE, ["sleep", "60"], detach=True, name="foreign-port",
                ports={"80/tcp": port}, init=True,
            )  # fmt: skip
    foreign.remove(engine)


def test_a_place_with_too_long_a_path_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("helpers.engine.private.programs", lambda *_: None)
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / ("long" * 25)))
    with pytest.raises(EngineFailed) as caught:
        Private("x").start()
    assert "LAYER_BY_LAYER_HOME" in caught.value.next


def test_a_daemon_that_cannot_start_shows_its_log(second: Private) -> None:
    broken = Private(second.name, second.flavour, "overlay2")
    broken.data.parent.mkdir(parents=True, exist_ok=True)
    broken.data.mkdir()
    (broken.data / "overlay2").write_text("a file where a folder must be")
    with pytest.raises(EngineFailed) as caught:
        broken.start()
    assert "failed to start daemon" in caught.value.why


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _get(address: str, port: int) -> str:
    deadline = time.monotonic() + 5
    while True:
        connection = http.client.HTTPConnection(address, port, timeout=3)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read().decode()
        except (http.client.HTTPException, ConnectionResetError):
            # the proxy listens a moment before the server inside does
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        finally:
            connection.close()


def _outside_addresses() -> list[str]:
    found = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout
    return [address for address in found.split() if "." in address]


@pytest.mark.parametrize("kind", [ClassEngine, Node])
def test_what_ends_its_whole_control_group_has_one_of_its_own(kind, tmp_path, monkeypatch) -> None:
    groups = set()
    for folder in (tmp_path / "one", tmp_path / "two"):
        monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(folder))
        engine = kind("same")
        assert Private._settings(engine, tmp_path / "proxy")["cgroup-parent"] == engine.cgroup
        groups.add(engine.cgroup)
    assert len(groups) == 2
