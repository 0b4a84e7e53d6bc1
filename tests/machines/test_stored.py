"""The stored measurement: whole, of no particular computer, and enough for the lesson."""

from __future__ import annotations

import re

import pytest

from helpers import figures, machines, messages
from helpers.machines import programs, stored
from helpers.machines.recording import ASKED
from helpers.paths import LESSONS


def test_it_names_its_day_and_its_computer_and_no_more():
    kept = stored.load()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", kept.date)
    assert re.fullmatch(r"\d+ cores \w+, \w+ [\d.]+", kept.where)
    assert not re.search(r"/home/|/work/|/tmp/|/root/", stored.FILE.read_text("utf-8"))


def test_every_question_of_the_lesson_has_a_recorded_reply():
    text = (LESSONS / "05-containers-and-vms" / "en.md").read_text("utf-8")
    asked = set(re.findall(r'pair\.ask\("([^"]+)"\)', text))
    assert asked and asked <= set(ASKED) <= stored.load().replies.keys()
    assert "Kernel panic - not syncing" in stored.load().last


@pytest.fixture
def without(monkeypatch, engine):
    monkeypatch.setenv(programs.VARIABLE, programs.OFF)
    pair = machines.pair(name="lbl-test-missing", engine=engine)
    yield pair
    pair.stop()


@pytest.mark.daemon
@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_qemu_the_recording_is_shown_and_labelled(without, engine, capsys, language):
    date = stored.load().date
    with messages.speaking(language):
        told = str(machines.ready(engine=engine))
        assert programs.VARIABLE in told and date in told
        capsys.readouterr()
        assert not without.ask("cat /proc/sys/kernel/random/boot_id").same
        assert date in capsys.readouterr().out.split("vm#")[1]
        measured = without.measure()
        assert measured.recorded == date and measured.shares_kernel
        assert date in figures.beside(measured).words.splitlines()[-1]
        starts = machines.start_times(3, 2, 3, engine=engine)
        assert starts.rows[2].recorded == date
        assert date in figures.distribution(starts).words.splitlines()[-1]


@pytest.mark.daemon
def test_without_qemu_the_container_is_wiped_and_killed_for_real(without, engine, capsys):
    wiped = machines.wipe(without)
    assert (wiped.container.programs, wiped.container.runs, wiped.image, wiped.host) == (
        0, True, True, True,
    )  # fmt: skip
    crashed = machines.crash(without)
    assert (crashed.container.runs, crashed.machine.runs) == (False, False)
    assert stored.load().date in capsys.readouterr().out
