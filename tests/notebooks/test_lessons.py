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


@pytest.mark.daemon
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=_name)
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
