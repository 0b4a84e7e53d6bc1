"""Progress survives restarts, damage and crashes, and is readable without seeing it."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path

import pytest

from helpers import messages
from helpers.errors import NoSpace, NotWritable
from helpers.exercises import progress
from helpers.exercises.progress import keep, solved


def test_nothing_is_solved_at_first(sample: Path) -> None:
    assert solved() == {}
    assert str(progress()) == (
        "Your progress\n░░░░░░░░░░░░░░░░░░░░ 90 · A sample lesson: 0 of 1 exercises solved"
    )


def test_what_is_kept_is_there_after_a_restart(progress_file: Path) -> None:
    for exercise in ("01.2", "00.1", "01.1", "01.2"):
        keep(exercise)
    assert solved() == {"00": ["00.1"], "01": ["01.1", "01.2"]}
    assert json.loads(progress_file.read_text())["format"] == 1
    assert [path.name for path in progress_file.parent.iterdir()] == ["progress.json"]


def test_the_bar_has_words_and_a_role(sample: Path) -> None:
    keep("90.1")
    shown = progress()._repr_mimebundle_()
    assert shown["text/plain"].endswith("█" * 20 + " 90 · A sample lesson: 1 of 1 exercises solved")
    assert 'role="progressbar"' in shown["text/html"]
    assert 'aria-valuenow="1"' in shown["text/html"]
    assert 'aria-label="90 · A sample lesson: 1 of 1 exercises solved"' in shown["text/html"]
    visible = re.sub(r"<[^>]+>", " ", shown["text/html"])
    assert "1 of 1 exercises solved" in visible
    with messages.speaking("zh"):
        assert "90 · 示例课程：1 道练习，已完成 1 道" in str(progress("90"))


def test_exercises_that_no_longer_exist_do_not_count(sample: Path) -> None:
    keep("90.9")
    assert progress().bars[0].done == 0
    assert progress("91").bars == ()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"done": 3}', '{"done": {"01": 3}}', "\x00\x01", "null"]
)
def test_a_damaged_file_is_set_aside(progress_file: Path, content: str) -> None:
    progress_file.write_text(content)
    assert solved() == {}
    assert (progress_file.parent / "progress.damaged-1.json").read_text() == content
    keep("01.1")
    assert solved() == {"01": ["01.1"]}
    progress_file.write_text("again")
    assert solved() == {}
    assert (progress_file.parent / "progress.damaged-2.json").read_text() == "again"
    assert (progress_file.parent / "progress.damaged-1.json").read_text() == content


def test_a_full_disk_loses_nothing(progress_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("01.1")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NoSpace):
        keep("01.2")
    monkeypatch.undo()
    found = json.loads(progress_file.read_text())
    assert found["done"] == {"01": ["01.1"]}
    assert [path.name for path in progress_file.parent.iterdir()] == ["progress.json"]


def test_a_folder_that_is_not_there_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAYER_BY_LAYER_PROGRESS", str(tmp_path / "gone" / "progress.json"))
    with pytest.raises(NotWritable, match="cannot write to its folder"):
        keep("01.1")
