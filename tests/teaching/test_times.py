"""Times: what a notebook's test measured reaches the committed file, and nothing else does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from nbformat import v4, write

from helpers.teaching import course, times
from tests.notebooks.nbval import run


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    return tmp_path


def notebook(folder: Path, *cells: tuple[str, str, str]) -> Path:
    """Write a notebook of code cells: part, code, stored output."""
    made = []
    for number, (part, code, said) in enumerate(cells, start=1):
        outputs = [v4.new_output("stream", name="stdout", text=said)] if said else []
        made.append(
            v4.new_code_cell(code, execution_count=number, outputs=outputs, metadata={"part": part})
        )
    write(v4.new_notebook(cells=made), folder / "one.ipynb")
    return folder / "one.ipynb"


def test_the_seconds_of_each_part_are_noted(tmp_path: Path) -> None:
    slow = ("slow", "import time; time.sleep(0.6)", "")
    place = tmp_path / "times.json"
    cells = [slow, ("quick", "print(1)", "1\n"), slow]
    passed, report = run(notebook(tmp_path, *cells), dict(os.environ), place)
    assert passed, report
    found = json.loads(place.read_text("utf-8"))
    assert list(found) == ["slow", "quick"]
    assert found["slow"] >= 1.2 > found["quick"] > 0  # the sleep is the least that it takes


def test_a_failed_notebook_notes_nothing(tmp_path: Path) -> None:
    place = tmp_path / "times.json"
    passed, _ = run(notebook(tmp_path, ("one", "print(1)", "2\n")), dict(os.environ), place)
    assert not passed
    assert not place.exists()


def test_what_is_kept_is_written_beside_what_was_there(home: Path) -> None:
    times.keep("01", "en", "28.5.2, overlay2", {"image": 1.234, "": 9.0, "weight": 20.0})
    times.keep("01", "solutions/zh-CN", "28.5.2, overlay2", {"image": 99.0})
    kept = times.kept()
    assert list(kept) == ["01"]
    assert kept["01"].seconds == {"image": 1.2, "weight": 20.0}, "without cells of no part"
    assert kept["01"].engine.startswith("28.5.2, overlay2, ")
    path = home / "times.toml"
    older = times.write({"02": kept["01"]}, path)
    both = times.write(kept, path)
    assert list(both) == ["01", "02"]
    assert both["02"] == older["02"]
    assert times.read(path) == both
    assert "Not edited by hand" in path.read_text("utf-8")


def test_nothing_measured_is_an_empty_answer(home: Path) -> None:
    assert times.kept() == {}
    assert times.read(home / "none.toml") == {}


def test_the_committed_file_belongs_to_lessons_that_exist() -> None:
    whole = course.load()
    assert set(whole.times) <= set(whole.lessons)
    for id, measured in whole.times.items():
        parts = {one.id for one in whole.lessons[id].plan.parts}
        code = {c.part for c in whole.lessons[id].original.cells if c.kind == "code"}
        assert code <= set(measured.seconds) <= parts, id
        assert measured.cores > 0 and measured.engine and measured.date
