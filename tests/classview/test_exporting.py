"""The CSV of a class: complete, harmless to a spreadsheet, readable by its owner only."""

from __future__ import annotations

import csv
import io
import os
import stat
from pathlib import Path

import pytest

from helpers import messages
from helpers.classview import exporting
from helpers.errors import ClassFailed, NotWritable

from .made_up import NAMES, thirty


def rows(called: tuple[str, ...] = NAMES, **options: bool) -> list[list[str]]:
    with messages.speaking("en"):
        return list(csv.reader(io.StringIO(exporting.lines(thirty(called), **options))))


def test_there_is_a_line_for_each_exercise_of_each_learner() -> None:
    head, *lines = rows()
    assert head[:4] == ["name", "exercise", "through since", "tries"]
    assert {line[0] for line in lines} == {*NAMES, "Ada (2)"}
    assert len(lines) == len(thirty().standings) + 3, "three checked nothing"
    ada = [line for line in lines if line[0] == "Ada"]
    assert [line[1][:4] for line in ada] == ["00.1", "01.1", "01.2"]
    assert ada[0][2] and not ada[2][2]
    assert ada[2][3] == "4"
    assert ada[2][6:] == ["lesson01.ex2.missing", "There is no container called …. A container "
                          "that was started with --rm is gone when its program ends."]  # fmt: skip
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", '=cmd|"/c calc"!A1', "＝1", "－1", "＋1", "＠x", " =1"],
)
def test_no_name_is_a_formula(name: str) -> None:
    assert {line[0] for line in rows((name,))[1:]} == {f"'{name}"}


@pytest.mark.parametrize("name", ['a,b"c', "a;b", "李明", "O'Neil", "'=1"])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert {line[0] for line in rows((name,))[1:]} == {name}


def test_names_can_be_left_out() -> None:
    assert {line[0] for line in rows(names=False)[1:]} == {f"Learner {n}" for n in range(1, 31)}


def test_excel_sees_utf_8_and_others_cannot_read_it(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    with messages.speaking("zh"):
        exporting.write(thirty(), path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    text = path.read_text("utf-8-sig")
    assert text.startswith("名字,练习,通过时间")
    assert "李明" in text
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_text("mine")
    with pytest.raises(ClassFailed):
        exporting.write(thirty(), path)
    assert path.read_text() == "mine"
    with pytest.raises(NotWritable):
        exporting.write(thirty(), tmp_path / "no" / "class.csv")
