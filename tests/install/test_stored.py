"""The stored run, for machines where no server can be made, and the figure; no daemon."""

from __future__ import annotations

import pytest

from helpers import figures, install, messages
from helpers.errors import ContainerFailed
from helpers.install import servers
from helpers.install.model import STEPS
from helpers.install.run import Installation, stored


@pytest.fixture
def nowhere(monkeypatch):
    """A machine on which the course cannot run an engine of its own."""
    monkeypatch.setattr(servers, "place", lambda engine=None: None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_an_engine_of_the_course_the_stored_run_is_shown(nowhere, capsys, language) -> None:
    with messages.speaking(language):
        server = install.fresh()
        assert messages.text("install.stored") in capsys.readouterr().out
        assert not server.real
        server.run("command -v docker || echo no docker here")
        for key in STEPS:
            server.step(key)
        install.mishap(server)
        server.run("systemctl is-active docker")
        server.run("ls /nonexistent")
        out = capsys.readouterr().out
        assert "no docker here" in out and "hello from a container" in out
        assert messages.text("install.not_typed") in out
        drawing = figures.seven_steps(server.installation)
    assert len(server.installation.steps) == 7
    assert str(drawing).count("≈") == 8


def test_nothing_can_be_written_where_there_is_no_server(nowhere, capsys) -> None:
    server = install.fresh()
    with messages.speaking("en"), pytest.raises(ContainerFailed, match="sudo make lab"):
        server.write("/etc/motd", "hello")
    assert "Wrote" not in capsys.readouterr().out


def test_an_unknown_step_is_refused(nowhere) -> None:
    with pytest.raises(ValueError, match="repository"):
        install.fresh().step("reboot")


def test_a_step_in_the_middle_does_those_before_it(nowhere, capsys) -> None:
    server = install.fresh()
    capsys.readouterr()
    server.step("install")
    assert [ran.key for ran in server.installation.steps] == list(STEPS[:5])
    out = capsys.readouterr().out
    assert "docker.io" in out and "os-release" not in out


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_says_what_is_done_and_what_is_not(language) -> None:
    with messages.speaking(language):
        part = Installation(tuple(stored(key) for key in STEPS[:3]), real=True)
        lines = str(figures.seven_steps(part)).splitlines()
        waiting = messages.text("install.figure.waiting")
        assert len(lines) == 9
        assert [waiting in line for line in lines[1:8]] == [False] * 3 + [True] * 4
        nothing = figures.seven_steps(Installation((), real=True))
        assert str(nothing).count(waiting) == 7
        assert len(nothing.png()) > 1000
