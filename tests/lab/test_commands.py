"""The commands: make and Python offer the same, and what goes wrong is told without a traceback."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.errors import EngineNotFound
from helpers.lab import bootstrap, cleaning, commands, testing
from helpers.lab.workcopy import WorkCopy
from helpers.paths import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def helpers(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "helpers", *arguments],
        cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_make_help_lists_every_target():
    if not shutil.which("make"):
        pytest.skip("no make on this machine")
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  make ([a-z-]+) ", shown.stdout, re.MULTILINE))
    declared = set(re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)[1].split())
    assert listed == declared == targets()


def test_each_target_is_a_command(capsys):
    with pytest.raises(SystemExit):
        commands.run(["--help"])
    shown = capsys.readouterr().out
    for name in targets() - {"help"}:
        assert re.search(rf"^ +{name}( |$)", shown, re.MULTILINE), name


@pytest.mark.parametrize(
    ("words", "listed"),
    [(["classroom"], ("start", "reset", "swarm")), (["classroom", "swarm"], ("daemon", "node"))],
)
def test_commands_below_a_command_are_listed(words, listed, capsys):
    with pytest.raises(SystemExit) as ended:
        commands.run([*words, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(re.search(rf"^ +{name} ", shown, re.MULTILINE) for name in listed)


def test_no_daemon_is_told_with_the_next_command():
    answer = helpers("lab", DOCKER_HOST="unix:///nonexistent.sock", LANG="C.UTF-8")
    assert answer.returncode == 1
    assert "/nonexistent.sock" in answer.stderr
    assert "Next:" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_in_chinese_too():
    answer = helpers("lab", "--language", "zh-CN", DOCKER_HOST="unix:///nonexistent.sock",
                     LAYER_BY_LAYER_LANGUAGE="zh")  # fmt: skip
    assert "下一步：" in answer.stderr


def test_doctor_says_that_something_is_missing():
    answer = helpers("doctor", DOCKER_HOST="unix:///nonexistent.sock")
    assert answer.returncode == 1
    assert "✗" in answer.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux")
def test_a_full_disk_is_told_without_a_traceback(monkeypatch, capsys):
    def fill(_: list[str]) -> int:
        with Path("/dev/full").open("w") as file:
            file.write("a notebook")
        return 0

    monkeypatch.setattr(commands, "run", fill)
    assert bootstrap.main(["lab"]) == 1
    said = capsys.readouterr().err
    assert "LAYER_BY_LAYER_HOME" in said


def test_nobody_reading_on_is_no_failure():
    command = f"{sys.executable} -m helpers --help | head -n 0; exit ${{PIPESTATUS[0]}}"
    answer = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert "Traceback" not in answer.stderr


def test_an_unknown_lesson_is_named(monkeypatch, capsys, tmp_path):
    empty = WorkCopy(tmp_path / "work", tmp_path / "notebooks")
    monkeypatch.setattr(cleaning, "WorkCopy", lambda: empty)
    assert commands.run(["reset", "77"]) == 1
    assert "77" in capsys.readouterr().err


@pytest.fixture
def bare(monkeypatch, tmp_path) -> Path:
    """Clean-up pointed at a made-up clone and folder, on a machine without a daemon."""
    home = tmp_path / "home"
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(home))
    monkeypatch.setattr(cleaning, "ROOT", tmp_path / "clone")
    monkeypatch.setattr(cleaning, "WORK", tmp_path / "clone/work")
    copy = WorkCopy(tmp_path / "clone/work", tmp_path / "clone/notebooks")
    monkeypatch.setattr(cleaning, "WorkCopy", lambda: copy)
    monkeypatch.setattr(bootstrap, "inside", lambda: False)

    def none(**_: object) -> None:
        raise EngineNotFound("engine.none_found")

    monkeypatch.setattr(cleaning.engine, "connect", none)
    return tmp_path


def test_clean_keeps_what_a_learner_wrote(bare, capsys):
    notes = bare / "clone/work/en/notes.txt"
    notes.parent.mkdir(parents=True)
    notes.write_text("my notes")
    bootstrap.home()
    assert commands.run(["clean"]) == 0
    assert notes.read_text() == "my notes"
    assert "notes.txt" in capsys.readouterr().out
    assert not (bare / "home").exists()
    assert commands.run(["clean", "--confirm"]) == 0
    assert not (bare / "clone/work").exists()


def test_clean_keeps_a_folder_that_was_there_before(bare):
    (bare / "home").mkdir()
    (bare / "home/photos").write_text("not of the course")
    bootstrap.home()
    assert commands.run(["clean"]) == 0
    assert (bare / "home/photos").exists()


def test_a_shard_that_passed_on_these_sources_is_not_repeated(monkeypatch, tmp_path, capsys):
    ran = []
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(testing, "REPORTS", tmp_path / "reports")
    monkeypatch.setattr(testing, "_tree", lambda: "these sources")
    statuses = {"26-overlay2": 1}

    def shard(name: str, tree: str, _: list[str]) -> testing.Result:
        ran.append(name)
        status = statuses.get(name, 0)
        return testing.Result(name, tree, status, 10, status, 2, 60, "2026-01-01")

    monkeypatch.setattr(testing, "_shard", shard)
    assert testing.test_all([]) == 1
    assert ran == list(testing.SHARDS)
    ran.clear()
    statuses.clear()
    assert testing.test_all([]) == 0
    assert ran == ["26-overlay2"]
    report = next((tmp_path / "reports").glob("*.md")).read_text()
    assert report.count("| 8 | 0 | 2 |") == len(testing.SHARDS)
    monkeypatch.setattr(testing, "_tree", lambda: "other sources")
    ran.clear()
    testing.test_all([])
    assert ran == list(testing.SHARDS)
