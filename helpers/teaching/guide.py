"""The teaching notes of one lesson in one language, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from string import ascii_uppercase

from ..authoring.lesson import Lesson
from ..authoring.model import Part, Question
from ..authoring.source import Source
from ..messages import LANGUAGES, language, speaking, text
from .course import Course, figures, stored
from .spans import Span, spans

__all__ = ["guide", "listed", "minutes"]


def guide(course: Course, lesson: Lesson, edition: str) -> str:
    """Return the notes for ``edition`` (``"en"``, ``"zh-CN"``)."""
    with speaking(LANGUAGES[edition]):
        plan, speech = lesson.plan, language()
        solutions = f"../../../notebooks/solutions/{edition}/{lesson.name}.ipynb"
        blocks = [
            f"<!-- {text('teaching.generated')} -->",
            f"# {text('teaching.title', id=plan.id, title=plan.title[speech])}",
            plan.summary[speech],
            text("teaching.about", id=plan.id, solutions=solutions),
            f"## {text('teaching.afterwards')}",
            "\n".join(f"- {one[speech]}" for one in plan.objectives),
            f"## {text('teaching.times.title')}",
            _times(course, lesson, edition),
            f"## {text('teaching.parts')}",
            *_parts(course, lesson, edition),
            f"## {text('teaching.cut')}",
            "\n".join(f"- {one[speech]}" for one in plan.teaching.cut),
            f"## {text('teaching.quiz')}",
            *(_question(number, one) for number, one in enumerate(plan.quiz, start=1)),
        ]
    return "\n\n".join(blocks) + "\n"


def minutes(seconds: float) -> str:
    """Return a time as it is printed: seconds below a minute and a half, else minutes."""
    if seconds < 90:
        return text("teaching.times.seconds", count=round(seconds))
    return text("teaching.times.minutes", count=round(seconds / 60))


def listed(source: Source, parts: Iterable[str]) -> str:
    """Return the titles of parts in one line: what ends with a question mark loses it there."""
    return text("teaching.list").join(source.title(part).rstrip("?？") for part in parts)


def _times(course: Course, lesson: Lesson, edition: str) -> str:
    measured = course.times.get(lesson.plan.id)
    found = spans(lesson, edition, measured)
    source = lesson.sources[edition]
    rows = [
        text("teaching.times.head"),
        "|:--|--:|--:|--:|--:|",
        *(f"| {source.title(one.part)} | {_row(one)} |" for one in found),
    ]
    running = sum(one.running or 0 for one in found) if measured else None
    total = Span("", 60 * lesson.plan.minutes, running, sum(o.reading for o in found), False)
    rows.append(f"| {text('teaching.times.total')} | {_row(total)} |")
    if measured:
        names = ("date", "cores", "memory", "engine", "workers", "load")
        values = {name: getattr(measured, name) for name in names}
        values["engine"] = values["engine"].replace(", ", text("teaching.comma"))
        note = text("teaching.times.measured", index="README.md", **values)
    else:
        note = text("teaching.times.never", index="README.md")
    return "\n".join(rows) + f"\n\n{note}"


def _row(one: Span) -> str:
    running = text("teaching.times.unknown") if one.running is None else minutes(one.running)
    left = minutes(max(0.0, one.left))
    if one.solving:
        left = text("teaching.times.solving", left=left)
    planned = text("teaching.times.minutes", count=one.planned // 60)
    return " | ".join([planned, running, minutes(one.reading), left])


def _parts(course: Course, lesson: Lesson, edition: str) -> list[str]:
    drawn = figures(stored(lesson, edition))
    return [_part(course, lesson, edition, one, one.id in drawn) for one in lesson.plan.parts]


def _part(course: Course, lesson: Lesson, edition: str, part: Part, drawn: bool) -> str:
    speech, source = language(), lesson.sources[edition]
    title = source.title(part.id)
    planned = text("teaching.times.minutes", count=part.minutes)
    lines = [f"### {text('teaching.part', title=title, minutes=planned)}"]
    if part.shows:
        lines.append(text("teaching.slide", shows=part.shows[speech]))
    else:
        lines.append(text("teaching.no_slide"))
    lines.append(text("teaching.note", note=part.note[speech]))
    beliefs = [one for one in lesson.plan.teaching.misconceptions if one.part == part.id]
    if beliefs:
        said = [
            text("teaching.misconception", claim=one.claim[speech], answer=one.answer[speech])
            for one in beliefs
        ]
        head = text("teaching.figures" if drawn else "teaching.believed")
        lines.append("\n".join([head, "", *said]))
    if below := course.needs[lesson.plan.id][part.id]:
        lines.append(text("teaching.stands", parts=listed(source, below)))
    return "\n\n".join(lines)


def _question(number: int, question: Question) -> str:
    speech = language()
    lines = [f"**{number}.** {question.question[speech]}", ""]
    for letter, choice in zip(ascii_uppercase, question.choices, strict=False):
        key = "teaching.answer.right" if choice.right else "teaching.answer.wrong"
        answer, reason = choice.text[speech].rstrip("。."), choice.reason[speech]
        stop = "。" if speech == "zh" else "."
        if answer[-1] not in "?？!！":
            answer += stop
        lines.append(text(key, letter=letter, text=answer, reason=reason))
    return "\n".join(lines)
