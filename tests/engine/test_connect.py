"""Which daemon is found, and what is said when none is."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from helpers.engine import Endpoint, Engine, connect, doctor, endpoints
from helpers.errors import EngineDenied, EngineLost, EngineNotFound
from tests.conftest import test_engine as the_engine


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine on which no daemon can be found."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "XDG_RUNTIME_DIR", "DOCKER_TLS_VERIFY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".docker"))
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(
        endpoints, "_exists", lambda path: tmp_path in path.parents and path.exists()
    )
    return tmp_path


def test_nothing_there_is_said_with_the_next_step(nowhere: Path) -> None:
    with pytest.raises(EngineNotFound) as caught:
        connect(start=False)
    assert "make lab" in caught.value.next
    report = doctor(start=False)
    assert not report.ready
    assert "make lab" in str(report)
    assert "✗" in str(report)


@pytest.mark.daemon
def test_docker_host_is_used(
    nowhere: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", engine.endpoint.url)
    assert connect(start=False).id == engine.id


@pytest.mark.daemon
def test_the_current_context_is_used(
    nowhere: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    config = nowhere / ".docker"
    place = config / "contexts/meta" / hashlib.sha256(b"work").hexdigest()
    place.mkdir(parents=True)
    meta = {
        "Name": "work",
        "Metadata": {},
        "Endpoints": {"docker": {"Host": engine.endpoint.url, "SkipTLSVerify": False}},
    }
    (place / "meta.json").write_text(json.dumps(meta))
    (config / "config.json").write_text(json.dumps({"currentContext": "work"}))
    monkeypatch.setattr("docker.context.config.get_context_dir", lambda: str(config / "contexts"))
    found = endpoints.given()
    assert found == Endpoint(engine.endpoint.url, "context")


@pytest.mark.daemon
def test_a_rootless_socket_is_found(
    nowhere: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(nowhere))
    assert engine.endpoint.socket
    (nowhere / "docker.sock").symlink_to(engine.endpoint.socket)
    found = connect(start=False)
    assert found.endpoint.source == "rootless"
    found.close()


def test_a_named_daemon_that_is_silent_is_not_replaced(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{nowhere}/nobody.sock")
    with pytest.raises(EngineNotFound) as caught:
        connect()
    assert "DOCKER_HOST" in caught.value.why
    assert "Traceback" not in "".join(caught.value._render_traceback_())


def test_a_refusing_socket_is_told_apart(nowhere: Path) -> None:
    """As root nothing is refused, so another user asks."""
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    path = Path("/tmp") / f"lbl-refuses-{os.getpid()}.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        path.chmod(0o600)
        try:
            os.seteuid(65534)
            try:
                endpoint = Endpoint(f"unix://{path}", "default")
                from helpers.engine.connection import _open

                with pytest.raises(EngineDenied) as caught:
                    _open(endpoint)
            finally:
                os.seteuid(0)
        finally:
            path.unlink()
    assert "usermod" in caught.value.next


def test_a_silent_server_is_given_up(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something listens and never answers: no endless wait."""
    monkeypatch.setattr("helpers.engine.connection.PING", 0.3)
    path = nowhere / "mute.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        with pytest.raises(EngineNotFound):
            connect(f"unix://{path}")


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("unix:///var/run/docker.sock", False),
        ("npipe:////./pipe/docker_engine", False),
        ("tcp://127.0.0.1:2375", False),
        ("tcp://192.0.2.7:2376", True),
        ("ssh://ann@build.example", True),
    ],
)
def test_a_remote_daemon_is_recognised(url: str, remote: bool) -> None:
    assert Endpoint(url, "argument").remote is remote


def test_what_differs_on_a_remote_daemon_is_explained() -> None:
    class Remote:
        endpoint = Endpoint("ssh://ann@build.example", "DOCKER_HOST")
        desktop = False

    from helpers.engine.doctor import _place

    (finding,) = _place(Remote())  # type: ignore[arg-type]
    assert finding.state == "note"
    assert "Bind mounts" in finding.advice


@pytest.mark.daemon
def test_the_preflight_of_a_good_machine(engine: Engine) -> None:
    report = doctor(engine)
    assert report.ready
    topics = [finding.topic for finding in report.findings]
    assert topics[:2] == ["machine", "daemon"]
    assert {"api", "store", "client", "builder", "cgroup", "disk_course"} <= set(topics)
    assert engine.version in str(report)
    assert "<script" not in report._repr_mimebundle_()["text/html"]


@pytest.mark.daemon
def test_the_engine_describes_itself(engine: Engine) -> None:
    flavour, _, store = os.environ.get("LAYER_BY_LAYER_TEST_ENGINE", "28-overlay2").partition("-")
    assert engine.version.startswith(flavour)
    assert engine.store == store
    assert engine.private == the_engine()
    assert engine.root_dir == engine.private.data
    assert not engine.endpoint.remote


@pytest.mark.daemon
def test_the_client_in_the_environment_reaches_this_engine(engine: Engine) -> None:
    import subprocess

    answer = subprocess.run(
        ["docker", "info", "--format", "{{.ID}}"],
        env=engine.environment(), capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert answer.stdout.strip() == engine.id


def test_libraries_errors_are_translated() -> None:
    import requests

    from helpers.engine import talking

    class Some:
        endpoint = Endpoint("unix:///x", "default")

    with pytest.raises(EngineLost), talking(Some()):  # type: ignore[arg-type]
        raise requests.exceptions.ConnectionError("gone")
