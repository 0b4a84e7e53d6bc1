"""Machines that a killed process left: found by number and time, and ended; nothing else is."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from helpers.lab import cleaning, course
from helpers.machines import leftovers


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path))


@pytest.fixture
def process():
    found = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield found
    found.kill()
    found.wait()


def test_what_was_noted_is_ended(process):
    leftovers.note(process.pid)
    assert [one.pid for one in leftovers.running()] == [process.pid]
    assert leftovers.end() == 1
    assert not psutil.pid_exists(process.pid)
    assert leftovers.end() == 0


def test_another_process_under_the_same_number_is_left_alone(process, tmp_path):
    leftovers.note(process.pid)
    note = tmp_path / "machines" / "running" / str(process.pid)
    note.write_text(repr(psutil.Process(process.pid).create_time() - 5))
    assert leftovers.end() == 0
    assert process.poll() is None
    assert not note.exists()


def test_what_was_stopped_is_forgotten(process):
    leftovers.note(process.pid)
    leftovers.forget(process.pid)
    assert leftovers.running() == []


def test_stop_and_clean_end_machines(process, monkeypatch, capsys):
    """Both call it; what else they do is tested in tests/lab."""
    assert course.leftover_machines is cleaning.leftover_machines
    leftovers.note(process.pid)
    course.leftover_machines()
    assert not psutil.pid_exists(process.pid)
    assert "1" in capsys.readouterr().out
