"""The time of each part: what was measured, what is read, and what the plan leaves for talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..authoring.lesson import Lesson
from ..messages import text
from . import reading
from .times import Measured

__all__ = ["Span", "short", "spans"]


@dataclass(frozen=True)
class Span:
    """Seconds that a part takes; ``running`` is None where nobody measured it.

    ``solving``: the part has exercises, whose time is the author's plan and nothing else.
    """

    part: str
    planned: int
    running: float | None
    reading: float
    solving: bool

    @property
    def left(self) -> float:
        """What the plan leaves for questions, talk and solving."""
        return self.planned - (self.running or 0) - self.reading


def spans(lesson: Lesson, language: str, measured: Measured | None) -> list[Span]:
    """Return the parts of a lesson in order; ``language`` is the text's, as ``"zh-CN"``."""
    source = lesson.sources[language]
    solving = {cell.part for cell in source.cells if "solution" in cell.tags}
    took = measured.seconds if measured else {}
    return [
        Span(
            part.id,
            60 * part.minutes,
            took.get(part.id, 0.0) if measured else None,
            reading.seconds(source, part.id),
            part.id in solving,
        )
        for part in lesson.plan.parts
    ]


def short(lessons: Mapping[str, Lesson], times: Mapping[str, Measured]) -> list[str]:
    """Return where the plan has less time than running and reading take, in either language."""
    found = []
    for id, lesson in lessons.items():
        for language in lesson.sources:
            for one in spans(lesson, language, times.get(id)):
                if one.left < 0:
                    words = {"planned": one.planned // 60, "part": one.part, "id": id}
                    needed = round((one.planned - one.left) / 60, 1)
                    found.append(text("teaching.times.short", needed=needed, **words))
    return found
