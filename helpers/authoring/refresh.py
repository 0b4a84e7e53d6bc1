"""Bring the texts of a notebook up to date without running it, where no code has changed."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from .. import paths
from . import check, notebook
from .fields import LessonError
from .lesson import Lesson


def refresh(lesson: Lesson, edition: notebook.Edition, notebooks: Path | None = None) -> bool:
    """Write a notebook anew from its source, with the outputs that are stored in it.

    Returns whether anything changed.

    Raises
    ------
    LessonError: the source breaks a rule, or a code cell is another one than was executed: then
        the lesson has to be built.
    """
    notebooks = notebooks or paths.NOTEBOOKS
    if problems := check.source_problems(lesson):
        raise LessonError(problems)
    target = notebook.path(lesson, edition, notebooks)
    where = target.relative_to(notebooks)
    if not target.exists():
        raise LessonError([f"{where}: is missing: build lesson {lesson.plan.id}"])
    stored = nbformat.read(target, as_version=4)
    made = notebook.assemble(lesson, edition)
    before, after = _code(stored), _code(made)
    if [_executed(cell) for cell in before] != [_executed(cell) for cell in after]:
        raise LessonError([f"{where}: its code changed: build lesson {lesson.plan.id}"])
    for old, new in zip(before, after, strict=True):
        new["outputs"], new["execution_count"] = old.outputs, old.execution_count
    text = nbformat.writes(made) + "\n"
    if text == target.read_text("utf-8"):
        return False
    part = target.with_suffix(".part")
    part.write_text(text, "utf-8")
    part.replace(target)
    return True


def _code(made: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in made.cells if cell.cell_type == "code"]


def _executed(cell: NotebookNode) -> tuple[str, dict]:
    """What decides over a cell's output. A reason is stored in place of an ignored output."""
    return cell.source, dict(cell.metadata)
