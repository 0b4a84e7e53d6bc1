"""The parts found on the test engine, held against what /proc and the daemon say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from helpers import components, containers, figures, registry
from helpers.components import client, finding
from helpers.components.parts import Shelf
from helpers.engine import labels
from helpers.messages import speaking

from .conftest import HERE


@pytest.fixture
def found(engine, image, capsys):
    containers.run(image, ["sleep", "60"], HERE, detach=True, engine=engine)
    return components.find(engine)


def test_the_client_is_the_one_that_commands_run(engine, found):
    assert found.client is not None
    assert Path(found.client.path).samefile(client.program(engine.environment()))
    assert found.client.version[0].isdigit()
    assert {"compose"} <= {name for name, _ in found.client.plugins}
    assert [c.name for c in found.client.contexts if c.current] == ["default"]


def test_the_daemons_processes_are_this_daemons(engine, found):
    processes = found.daemon.processes
    roles = {process.role: process for process in processes}
    assert set(roles) == {"dockerd", "containerd", "shim", "container"}
    command = Path(f"/proc/{roles['dockerd'].pid}/cmdline").read_text().split("\0")
    assert str(engine.private.folder) in " ".join(command)
    assert roles["containerd"].parent == roles["dockerd"].pid
    shims = {process.pid for process in processes if process.role == "shim"}
    inside = [process for process in processes if process.role == "container"]
    assert {process.parent for process in inside} == shims
    # containers of other tests may run as well; the daemon counts in a namespace of its own
    pid = engine.client.api.inspect_container(HERE)["State"]["Pid"]
    mine = [process for process in inside if pid in _numbers(process.pid)]
    assert [process.name for process in mine] == ["sleep"]


def _numbers(pid: int) -> list[int]:
    """A process's numbers, one for each namespace that it is in: proc_pid_status(5), NSpid."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return [int(n) for line in lines if line.startswith("NSpid:") for n in line.split()[1:]]


def test_what_a_lesson_left_can_be_left_out(engine, image, capsys):
    marks = labels.make("06") | {"com.docker.compose.project": "lbl-06-test"}
    shelf = registry.start(engine, empty=True, lesson="06")
    containers.run(image, ["sleep", "60"], HERE, detach=True, engine=engine)
    api = engine.client.api
    made = api.create_container(image, labels=marks, name="lbl-06-project")["Id"]
    try:
        every, some = components.find(engine), components.find(engine, without="06")
        assert shelf.url in [one.address for one in every.registries]
        assert [one.address for one in some.registries] == ["docker.io"]
        assert ("lbl-06-test", 1) in every.services and some.services == ()
        assert components.find(engine, without="07").services == every.services
    finally:
        api.remove_container(made, force=True)
        shelf.stop()


def test_one_shim_for_each_running_container(engine, found, image, capsys):
    assert found.daemon.count("shim") == found.daemon.running
    containers.remove(HERE, engine=engine)
    after = components.find(engine)
    assert after.daemon.count("shim") == found.daemon.count("shim") - 1


def test_where_images_are_kept(engine, found):
    assert found.images.store == engine.store
    assert found.images.folder == engine.info["DockerRootDir"]
    assert found.images.count >= found.images.ours >= 1
    assert (found.link, found.daemon.place) == ("unix", "private")


def test_a_daemon_elsewhere_shows_no_processes(engine, found, monkeypatch):
    for place, link in (("desktop", "npipe"), ("remote", "ssh"), ("here", "tls")):
        daemon = replace(found.daemon, place=place, processes=())
        away = replace(found, daemon=daemon, link=link)
        assert "cannot be seen" in str(away) and "cannot be seen" in str(figures.parts(away))
        assert figures.parts(away).png()


def test_no_client(engine, image, monkeypatch):
    monkeypatch.setattr(client.shutil, "which", lambda *_, **__: None)
    found = finding.find(engine)
    assert found.client is None
    assert "no docker program" in str(figures.parts(found))
    assert "not installed" in str(found)


def test_words_are_stable_and_the_list_has_it_all(engine, found, image, capsys):
    words = str(figures.parts(found))
    assert words == str(figures.parts(components.find(engine)))
    assert not any(str(process.pid) in words for process in found.daemon.processes)
    assert all(str(process.pid) in str(found) for process in found.daemon.processes)
    with speaking("zh"):
        assert "守护进程" in str(figures.parts(found)) and "守护进程" in str(found)


def test_names_from_outside_are_harmless(found):
    evil = "<b>\x1b[2Jx</b>"
    odd = replace(found, registries=(Shelf(evil, ours=False),), services=((evil, 1),), address=evil)
    assert "\x1b" not in str(odd) and "\x1b" not in str(figures.parts(odd))
    assert "<b>" not in odd._repr_mimebundle_()["text/html"]
    assert "<b>" not in figures.parts(odd).html()
