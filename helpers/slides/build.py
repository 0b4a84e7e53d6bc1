"""Make the slides of a lesson: reads the plan and the executed notebook, writes one file."""

from __future__ import annotations

from pathlib import Path

from .. import paths
from ..authoring import check, lesson
from ..authoring.fields import LessonError
from ..errors import LabFailed, NotFound
from ..teaching.course import stored
from .deck import deck
from .page import page

__all__ = ["FOLDER", "build"]

FOLDER = paths.ROOT / "build" / "slides"


def build(id: str, edition: str, folder: Path | None = None) -> Path:
    """Write the slides of lesson ``id`` (``"01"``) in ``edition`` (``"en"``, ``"zh-CN"``).

    Parameters
    ----------
    folder: default: ``build/slides`` in the clone.

    Raises
    ------
    NotFound: no such lesson.
    LabFailed: its notebook is missing, or was made from another source.
    """
    found = [one for one in lesson.folders() if one.name.startswith(f"{id}-")]
    if len(id) != 2 or not found:
        raise NotFound("lab.no_lesson", lesson=id)
    try:
        one = lesson.load(found[0])
        problems = check.generated(one, paths.NOTEBOOKS)
    except LessonError as error:
        problems = list(error.problems)
    if problems:
        raise LabFailed("slides.not_executed", lesson=id, problem=problems[0])
    target = paths.writable(folder or FOLDER) / f"{one.name}.{edition}.html"
    part = target.with_suffix(".part")
    part.write_text(page(deck(one, edition, stored(one, edition)), edition), "utf-8")
    part.replace(target)
    return target
