"""``python -m helpers class …``, as an instructor types it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from helpers.classview import classes, contract, sending
from helpers.classview.classes import Class
from helpers.lab import commands

from .conftest import serving


@pytest.fixture
def told(room: Class) -> Class:
    """A class in which somebody is stuck."""
    event = contract.Event("0" * 16, "01.2", False, "lesson01.ex2.missing", 700.0)
    with serving(room):
        report = contract.Report("李明", "a" * 32, (event,)).write()
        assert sending.post(room.code(), "/report", report).status == 200
    return room


def test_one_look(told: Class, capsys: pytest.CaptureFixture) -> None:
    assert commands.run(["class", "view", "--once"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Class: main\n1 joined · 1 not through")
    assert "李明 (11 min, tries: 1)" in shown
    assert told.secret not in shown
    assert commands.run(["class", "view", "--once", "--names", "off", "--language", "zh-CN"]) == 0
    shown = capsys.readouterr().out
    assert "学员 1（11 分钟，1 次）" in shown
    assert "李明" not in shown


def test_the_code_for_each_address(told: Class, capsys: pytest.CaptureFixture) -> None:
    assert commands.run(["class", "code", "--address", "10.0.0.1", "--address", "fd00::1"]) == 0
    assert capsys.readouterr().out.split() == [
        str(told.code("10.0.0.1")), str(told.code("fd00::1"))
    ]  # fmt: skip


def test_all_classes(told: Class, capsys: pytest.CaptureFixture) -> None:
    classes.open_("empty")
    assert commands.run(["class", "list"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "empty: 0 learners, last heard of –"
    assert second.startswith("main: 1 learners, last heard of 20")


def test_export(told: Class, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "out.csv"
    assert commands.run(["class", "export", str(path)]) == 0
    assert "1 learners written" in capsys.readouterr().out
    assert "李明" in path.read_text("utf-8-sig")
    assert commands.run(["class", "export", str(path)]) == 1
    assert "exists already" in capsys.readouterr().err


def test_forgetting_asks_first(told: Class, monkeypatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert commands.run(["class", "forget"]) == 1
    assert "Nothing was deleted" in capsys.readouterr().out
    assert told.store.exists()
    assert commands.run(["class", "forget", "--confirm"]) == 0
    assert not told.folder.exists()
    assert commands.run(["class", "forget", "--confirm"]) == 1
    assert "There is no class main" in capsys.readouterr().err


def test_what_is_wrong_is_told_without_a_traceback(home: Path, capsys) -> None:
    for arguments in (
        ["view", "--address", "0.0.0.0"], ["view", "--address", "192.0.2.7"],
        ["view", "--name", "../x"], ["view", "--once", "--name", "nobody"],
        ["code", "--address", "x"], ["export", "x.csv", "--name", "nobody"],
    ):  # fmt: skip
        assert commands.run(["class", *arguments]) == 1, arguments
        said = capsys.readouterr().err
        assert "Next:" in said
        assert "Traceback" not in said


def test_a_damaged_file_is_told(told: Class, capsys: pytest.CaptureFixture) -> None:
    told.store.write_bytes(b"no database" * 100)
    assert commands.run(["class", "view", "--once"]) == 0
    said = capsys.readouterr()
    assert "set aside" in said.err
    assert "class.damaged-1.sqlite3" in said.err
    assert "0 joined" in said.out
