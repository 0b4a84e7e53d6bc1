"""Every notebook of the course gives its stored outputs again, on a daemon without its traces.

The daemon holds somebody else's things, too; they must be there afterwards, and nothing of the
lesson (rule 1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from helpers import paths
from helpers.authoring import check, execute, machine, model
from helpers.authoring.lesson import folders
from helpers.engine import Engine
from helpers.teaching import times

from ..course.room import Room, furnished
from .nbval import run

NOTEBOOKS = sorted(
    path for path in paths.NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)


def _name(path: Path) -> str:
    return path.relative_to(paths.NOTEBOOKS).with_suffix("").as_posix()


def _marks(path: Path) -> list:
    """Each lesson in both languages on every `make test`: the English one as learners get it, the
    Chinese one with the solutions. The other two editions hold the same cells; their turn is the
    sweep.
    """
    english, solved = path.parent.name == "en", "solutions" in path.parts
    return [] if english is not solved else [pytest.mark.sweep]


CASES = [pytest.param(path, id=_name(path), marks=_marks(path)) for path in NOTEBOOKS]


@pytest.fixture(scope="module")
def room(engine: Engine) -> Iterator[Room]:
    # base images stay between lessons: to make them is not what is tested here
    with furnished(engine, empty=False) as found:
        yield found


@pytest.mark.daemon
@pytest.mark.parametrize("notebook", CASES)
def test_outputs_are_what_is_stored(notebook: Path, room: Room, tmp_path: Path) -> None:
    plan = model.read(paths.LESSONS / notebook.stem / "lesson.toml")
    measured = tmp_path / "times.json"
    with machine.fresh(plan, room.engine) as environment:
        passed, report = run(notebook, environment, measured)
        assert room.wrongly_ours() == set()
    assert passed, report
    assert room.as_it_was() == []
    assert room.of(plan.id) == []
    engine = f"{room.engine.version}, {room.engine.store}"
    edition = notebook.parent.relative_to(paths.NOTEBOOKS).as_posix()
    times.keep(plan.id, edition, engine, json.loads(measured.read_text("utf-8")))


LEARNERS = [path for path in NOTEBOOKS if path.parent.parent == paths.NOTEBOOKS]


@pytest.mark.daemon
@pytest.mark.sweep
@pytest.mark.parametrize("stopped", ["in the middle", "before the clean-up"])
@pytest.mark.parametrize("notebook", LEARNERS, ids=_name)
def test_outputs_are_the_same_after_a_kernel_restart(
    notebook: Path, stopped: str, engine: Engine
) -> None:
    """A kernel that ends early leaves what it made, and the lesson still tells the same story."""
    plan = model.read(paths.LESSONS / notebook.stem / "lesson.toml")
    whole = nbformat.read(notebook, as_version=4)
    cleaning = next(n for n, cell in enumerate(whole.cells) if "cleanup.clean" in cell.source)
    whole.cells = whole.cells[: cleaning // 2 if stopped == "in the middle" else cleaning]
    with machine.fresh(plan, engine) as environment:
        execute.run(whole, notebook.parent, environment, notebook.stem)
        passed, report = run(notebook, environment)
    assert passed, report


def test_sources_and_notebooks_agree() -> None:
    """Both languages same code, no stale translation, every notebook from its source, executed."""
    assert folders(), "the course has no lesson"
    problems = check.everything()
    assert not problems, "\n".join(problems)
