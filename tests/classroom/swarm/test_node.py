import json

import pytest

from helpers.classroom.settings import ClassroomError
from helpers.classroom.swarm import node


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "runc").write_text("#!/bin/sh\n")
    (programs / "runc").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))


def test_settings_of_an_engine_keep_what_they_said(tmp_path):
    file = tmp_path / "docker/daemon.json"
    node.daemon(file)
    assert json.loads(file.read_text())["userns-remap"] == "default"
    own = {"dns": ["192.168.7.1"], "runtimes": {"crun": {"path": "/x"}}, "log-driver": "syslog"}
    file.write_text(json.dumps(own))
    node.daemon(file)
    node.daemon(file)
    said = json.loads(file.read_text())
    assert said["dns"] == own["dns"]
    assert set(said["runtimes"]) == {"crun", node.RUNTIME}
    assert json.loads(file.with_name("daemon.json.before").read_text()) == own


def test_settings_that_cannot_be_understood_stay(tmp_path):
    file = tmp_path / "daemon.json"
    file.write_text(wrong := '{"dns": [}')
    with pytest.raises(ClassroomError, match=r"daemon\.json"):
        node.daemon(file)
    assert file.read_text() == wrong


def test_a_machine_without_runc_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ClassroomError, match="runc"):
        node.daemon(tmp_path / "daemon.json")
