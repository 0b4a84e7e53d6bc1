"""Every notebook of the course gives its stored outputs again, on a daemon without its traces."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers import paths
from helpers.authoring import check, machine, model
from helpers.authoring.lesson import folders
from helpers.engine import Engine

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


@pytest.mark.daemon
@pytest.mark.parametrize("notebook", CASES)
def test_outputs_are_what_is_stored(notebook: Path, engine: Engine) -> None:
    plan = model.read(paths.LESSONS / notebook.stem / "lesson.toml")
    with machine.fresh(plan, engine) as environment:
        passed, report = run(notebook, environment)
    assert passed, report


def test_sources_and_notebooks_agree() -> None:
    """Both languages same code, no stale translation, every notebook from its source, executed."""
    assert folders(), "the course has no lesson"
    problems = check.everything()
    assert not problems, "\n".join(problems)
