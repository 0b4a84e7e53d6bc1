"""What is wrong with the teaching notes, without running anything."""

from __future__ import annotations

from ..messages import LANGUAGES, text
from . import commands, files, glossary, routes, spans
from .course import Course, figures, stored

__all__ = ["everything"]


def everything(course: Course) -> list[str]:
    """Return every problem: plans too short, routes, terms, figures, commands, stale documents."""
    return [
        *spans.short(course.lessons, course.times),
        *routes.problems(course.routes, course.lessons, course.times),
        *glossary.problems(course.lessons),
        *_measured(course),
        *_notebooks(course),
        *files.stale(course),
    ]


def _measured(course: Course) -> list[str]:
    """A part that was renamed, added or taken away has to be measured anew."""
    found = []
    for id, measured in course.times.items():
        parts = {one.id for one in course.lessons[id].plan.parts} if id in course.lessons else set()
        # a part without code has no time
        if unknown := sorted(set(measured.seconds) - parts):
            found.append(text("teaching.measured_parts", id=id, parts=", ".join(unknown)))
    return found


def _notebooks(course: Course) -> list[str]:
    found = []
    for id, lesson in course.lessons.items():
        teaching = lesson.plan.teaching
        covered = {one.part for one in teaching.misconceptions}
        for edition in LANGUAGES:
            notebook = stored(lesson, edition)
            drawn = figures(notebook)
            found += [
                text("teaching.no_misconception", id=id, part=part)
                for part in drawn
                if part not in covered
            ]
            if teaching.figure and teaching.figure not in drawn:
                found.append(text("teaching.no_figure", id=id, part=teaching.figure))
            unknown = [one for one in commands.shown(notebook) if one not in commands.known()]
            found += [text("teaching.no_meaning", id=id, command=one) for one in unknown]
    return found
