"""From the sample lesson to executed notebooks that are the same on every build."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from helpers import messages
from helpers.authoring import LessonError, build, check, editions, load, notebook
from helpers.engine import Engine

from .conftest import SAMPLE, edit, use_lessons

FILES = ["en/90-sample", "solutions/en/90-sample", "solutions/zh-CN/90-sample", "zh-CN/90-sample"]


def _built(target: Path, lessons: Path, engine: Engine) -> Path:
    for edition in editions():
        build(load(lessons / "90-sample"), edition, target, engine)
    return target


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[Path]:
    """The sample lesson's notebooks."""
    with pytest.MonkeyPatch.context() as patch:
        use_lessons(SAMPLE, patch)
        yield _built(tmp_path_factory.mktemp("built"), SAMPLE, engine)
    messages.catalogue.cache_clear()


@pytest.fixture
def mine(built: Path, tmp_path: Path) -> Path:
    """A copy of these notebooks that may be edited."""
    return Path(shutil.copytree(built, tmp_path / "notebooks"))


def _text(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells)


def _outputs(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(str(cell.outputs) for cell in cells if cell.cell_type == "code")


@pytest.mark.daemon
def test_two_builds_give_the_same_bytes(built: Path, lessons: Path, engine: Engine, tmp_path: Path):
    again = _built(tmp_path / "again", lessons, engine)
    names = sorted(path.relative_to(built) for path in built.rglob("*.*"))
    assert [name.with_suffix("").as_posix() for name in names] == FILES
    for name in names:
        assert (built / name).read_bytes() == (again / name).read_bytes(), name


@pytest.mark.daemon
def test_a_notebook_shows_the_plan(built: Path) -> None:
    text = _text(built / "en/90-sample.ipynb")
    for shown in (
        "# 90 · A sample lesson\n",
        "- name the files of a lesson",
        "Time: about 5 minutes",
        "| A volume | 3 |",
        "**volume**: Storage that Docker keeps apart",
        "<summary>B. A file in <code>lessons/</code></summary>",
        "✗ **Not this one.** That is what an author edits.",
        "The sample ends here.",
    ):
        assert shown in text
    assert "Ask for the sum" not in text, "teaching notes are not the learner's"
    chinese = _text(built / "zh-CN/90-sample.ipynb")
    for shown in ("# 90 · 示例课程\n", "**卷**：由 Docker", "✗ **不正确。**", "示例到此结束"):
        assert shown in chinese


@pytest.mark.daemon
def test_only_the_solution_edition_holds_the_solution(built: Path) -> None:
    learner, solution = (
        _text(built / "en/90-sample.ipynb"),
        _text(built / "solutions/en/90-sample.ipynb"),
    )
    assert "volumes.create" in solution
    assert "volumes.create" not in learner
    assert "# Make the volume here, or in a terminal." in learner
    assert "✗ Not yet" in _outputs(built / "en/90-sample.ipynb")
    assert "✓ Solved" in _outputs(built / "solutions/en/90-sample.ipynb")
    assert "✓ 已完成" in _outputs(built / "solutions/zh-CN/90-sample.ipynb")


@pytest.mark.daemon
def test_a_notebook_holds_nothing_of_the_run(built: Path) -> None:
    for name in FILES:
        stored = nbformat.read(built / f"{name}.ipynb", as_version=4)
        nbformat.validate(stored)
        assert set(stored.metadata) == {"kernelspec", "language_info", "layer_by_layer"}
        assert stored.metadata.language_info == {"name": "python"}
        for cell in stored.cells:
            assert set(cell.metadata) <= {"part", "tags", "reason"}


@pytest.mark.daemon
def test_an_output_that_varies_is_not_stored(built: Path) -> None:
    shown = _outputs(built / "en/90-sample.ipynb")
    assert "Run the cell to see the output: the architecture is that of the learner's" in shown
    assert platform.machine() not in shown


@pytest.mark.daemon
def test_a_build_leaves_nothing_on_the_daemon(built: Path, engine: Engine) -> None:
    names = {volume.name for volume in engine.client.volumes.list()}
    assert "lbl-90-box" not in names


@pytest.mark.daemon
def test_built_notebooks_pass(mine: Path, lessons: Path) -> None:
    assert check.everything(notebooks=mine) == []


@pytest.mark.daemon
def test_a_notebook_that_was_not_executed_is_named(mine: Path, lessons: Path) -> None:
    """nbval would let it pass, and compare nothing."""
    lesson = load(lessons / "90-sample")
    made = notebook.assemble(lesson, notebook.Edition("en", "learner"))
    nbformat.write(made, mine / "en/90-sample.ipynb")
    found = check.everything(notebooks=mine)
    assert found
    assert all(one.startswith("en/90-sample.ipynb: cell ") for one in found)
    assert all(one.endswith("was not executed") for one in found)


@pytest.mark.daemon
def test_one_cell_that_was_not_executed_is_named(mine: Path, lessons: Path) -> None:
    path = mine / "zh-CN/90-sample.ipynb"
    stored = nbformat.read(path, as_version=4)
    stored.cells[2].execution_count = None
    nbformat.write(stored, path)
    assert check.everything(notebooks=mine) == ["zh-CN/90-sample.ipynb: cell 3 was not executed"]


@pytest.mark.daemon
def test_an_edited_notebook_is_named(mine: Path, lessons: Path) -> None:
    edit(mine / "solutions/en/90-sample.ipynb", "print(sum(numbers))", "print(max(numbers))")
    [found] = check.everything(notebooks=mine)
    assert found.startswith("solutions/en/90-sample.ipynb: cell 3 does not match its source")


@pytest.mark.daemon
def test_a_notebook_older_than_its_plan_is_named(mine: Path, lessons: Path) -> None:
    edit(lessons / "90-sample/lesson.toml", "minutes = 2", "minutes = 4")
    found = check.everything(notebooks=mine)
    assert len(found) == 4
    assert all("cell 1 does not match its source" in one for one in found)


@pytest.mark.daemon
def test_notebooks_too_few_and_too_many_are_named(mine: Path, lessons: Path) -> None:
    (mine / "en/90-sample.ipynb").rename(mine / "en/91-other.ipynb")
    assert check.everything(notebooks=mine) == [
        "en/90-sample.ipynb: is missing: build lesson 90",
        "en/91-other.ipynb: no lesson has this name",
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import sys\n\nprint(1, file=sys.stderr)", "cell 3 writes to stderr: 1"),
        ("from helpers import paths\n\nprint(paths.home())", "cell 3 shows the path"),
    ],
    ids=["error", "stderr", "path"],
)
def test_a_cell_that_goes_wrong_stops_the_build(
    lessons: Path, tmp_path: Path, code: str, said: str
) -> None:
    """… and the notebook of the last build stays. (Without a daemon: the lesson needs none.)"""
    sample = lessons / "90-sample"
    edit(sample / "lesson.toml", "engine = true ", "engine = false ")
    for language in ("en", "zh-CN"):
        edit(sample / f"{language}.md", "print(sum(numbers))", code)
    target = tmp_path / "en/90-sample.ipynb"
    target.parent.mkdir()
    target.write_text("the last build", "utf-8")
    with pytest.raises(LessonError) as caught:
        build(load(sample), notebook.Edition("en", "learner"), tmp_path)
    assert said in str(caught.value)
    assert "en/90-sample.ipynb" in str(caught.value)
    assert target.read_text("utf-8") == "the last build"
    assert [path.name for path in target.parent.iterdir()] == ["90-sample.ipynb"]
