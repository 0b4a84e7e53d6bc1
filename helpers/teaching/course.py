"""All that teaching notes are made from, read once: lessons, routes, times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import nbformat

from .. import paths
from ..authoring import Edition, LessonError, lesson, notebook
from ..authoring.lesson import Lesson
from . import routes, standing, times

__all__ = ["Course", "figures", "load", "stored"]


@dataclass(frozen=True)
class Course:
    """Lessons by their id, the routes through them, and what the tests measured."""

    lessons: Mapping[str, Lesson]
    routes: routes.Routes
    times: Mapping[str, times.Measured]

    @cached_property
    def needs(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """For each lesson, which earlier parts each part stands on."""
        return {id: standing.needs(one) for id, one in self.lessons.items()}


def load() -> Course:
    """Read the course.

    Raises
    ------
    LessonError: mistakes in a lesson or in the routes.
    """
    lessons = {one.plan.id: one for one in lesson.load_all()}
    return Course(lessons, routes.read(), times.read())


def stored(one: Lesson, language: str) -> nbformat.NotebookNode:
    """Return the executed notebook of a lesson for learners; it is shared, so only read it.

    Raises
    ------
    LessonError: it is missing.
    """
    path = notebook.path(one, Edition(language, "learner"), paths.NOTEBOOKS)
    if not path.exists():
        name = path.relative_to(paths.NOTEBOOKS)
        raise LessonError([f"{name}: is missing: build lesson {one.plan.id}"])
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def figures(made: nbformat.NotebookNode) -> dict[str, list[str]]:
    """Return the figures of each part as HTML, in the order in which they stand."""
    found: dict[str, list[str]] = {}
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            html = output.get("data", {}).get("text/html", "")
            if html.startswith("<figure"):
                found.setdefault(cell.metadata.get("part", ""), []).append(html)
    return found
