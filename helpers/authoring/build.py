"""Generate the notebooks of a lesson out of its source, executed."""

from __future__ import annotations

from pathlib import Path

import nbformat

from .. import engine, paths
from . import check, execute, machine, notebook
from .fields import LessonError
from .lesson import Lesson


def build(
    lesson: Lesson,
    edition: notebook.Edition,
    notebooks: Path | None = None,
    daemon: engine.Engine | None = None,
) -> Path:
    """Write one notebook of a lesson, executed on a daemon without traces of the lesson.

    Parameters
    ----------
    notebooks: the folder of notebooks; default: that of the course.
    daemon: default: the one that ``engine.connect()`` finds.

    Returns the notebook's path. The file is replaced only when everything went well.

    Raises
    ------
    LessonError: the source breaks a rule (see ``check.source_problems``), or a cell failed.
    """
    if problems := check.source_problems(lesson):
        raise LessonError(problems)
    target = notebook.path(lesson, edition, notebooks or paths.NOTEBOOKS)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = notebook.assemble(lesson, edition)
    with machine.fresh(lesson.plan, daemon) as environment:
        execute.run(made, target.parent, environment, f"{edition.language}/{target.name}")
    nbformat.validate(made)
    part = target.with_suffix(".part")
    part.write_text(nbformat.writes(made) + "\n", "utf-8")
    part.replace(target)
    return target
