"""Texts of a notebook are brought up to date without running it; code is not."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from helpers.authoring import Edition, LessonError, check, load, notebook
from helpers.authoring.refresh import refresh

from .conftest import edit

ENGLISH = Edition("en", "learner")


@pytest.fixture
def stored(sample: Path, tmp_path: Path) -> Path:
    """The folder of a notebook of the sample lesson, as if it had been executed."""
    lesson = load(sample)
    made = notebook.assemble(lesson, ENGLISH)
    code = [cell for cell in made.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        cell["execution_count"] = number
        cell["outputs"] = [v4.new_output("stream", name="stdout", text=f"output {number}\n")]
    path = notebook.path(lesson, ENGLISH, tmp_path / "notebooks")
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(made) + "\n", "utf-8")
    return tmp_path / "notebooks"


def test_a_changed_text_is_taken_over_and_outputs_stay(sample: Path, stored: Path) -> None:
    assert refresh(load(sample), ENGLISH, stored) is False, "nothing has changed"
    edit(sample / "lesson.toml", "It is generated from the source", "A build makes it")
    assert check.generated(load(sample), stored)[0].startswith("en/90-sample.ipynb: cell ")
    assert refresh(load(sample), ENGLISH, stored) is True
    after = nbformat.read(stored / "en/90-sample.ipynb", as_version=4)
    assert "A build makes it" in "\n".join(cell.source for cell in after.cells)
    said = [cell.outputs[0].text for cell in after.cells if cell.cell_type == "code"]
    assert said == [f"output {number}\n" for number in range(1, len(said) + 1)]
    assert not [one for one in check.generated(load(sample), stored) if one.startswith("en/")]


def test_changed_code_has_to_be_built(sample: Path, stored: Path) -> None:
    before = (stored / "en/90-sample.ipynb").read_bytes()
    for name in ("en.md", "zh-CN.md"):
        text = (sample / name).read_text("utf-8")
        head, mark, code = text.partition("```{code-cell}\n")
        (sample / name).write_text(f"{head}{mark}40 + 2\n{code.partition(chr(10))[2]}", "utf-8")
    with pytest.raises(LessonError, match="its code changed: build lesson 90"):
        refresh(load(sample), ENGLISH, stored)
    assert (stored / "en/90-sample.ipynb").read_bytes() == before


def test_a_missing_notebook_has_to_be_built(sample: Path, tmp_path: Path) -> None:
    with pytest.raises(LessonError, match="is missing: build lesson 90"):
        refresh(load(sample), ENGLISH, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('part = "volume"      # the part', 'part = "box" # the part', "no part is called 'box'"),
        ("after = []", 'after = ["volume"]', "parts[2].after: no earlier part is called"),
        ("cell = 1 ", "cell = 0 ", "parts[1].cell: must be at least 1"),
        ('slide = "skip"  ', 'slide = "skip"\ncell = 1', "parts[2].cell: a part that is skipped"),
        (
            "[[teaching.misconceptions]]",
            '[teaching]\nfigure = "none"\n\n[[teaching.misconceptions]]',
            "teaching.figure: no part is called 'none'",
        ),
    ],
)
def test_what_slides_and_notes_need_is_checked(
    sample: Path, old: str, new: str, named: str
) -> None:
    edit(sample / "lesson.toml", old, new)
    with pytest.raises(LessonError) as caught:
        load(sample)
    assert named in str(caught.value)
