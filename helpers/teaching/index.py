"""The first page of the teaching notes: lessons with their times, how these were made, routes."""

from __future__ import annotations

from ..messages import LANGUAGES, language, speaking, text
from . import reading
from .course import Course
from .guide import listed, minutes
from .routes import Route, Step
from .routes import minutes as taken
from .spans import spans

__all__ = ["index"]


def index(course: Course, edition: str) -> str:
    """Return the page for ``edition`` (``"en"``, ``"zh-CN"``)."""
    with speaking(LANGUAGES[edition]):
        glossary = "../../glossary.md" if edition == "en" else "../../glossary.zh-CN.md"
        speed = {
            "words": reading.WORDS,
            "characters": reading.CHARACTERS,
            "slower": reading.SLOWER,
            "source": reading.SOURCE,
        }
        blocks = [
            f"<!-- {text('teaching.generated')} -->",
            f"# {text('teaching.index.title')}",
            text("teaching.index.about", glossary=glossary),
            f"## {text('teaching.index.lessons')}",
            _lessons(course, edition),
            *_unmeasured(course),
            f"## {text('teaching.index.class')}",
            text("teaching.index.tools").strip(),
            f"## {text('teaching.index.how')}",
            text("teaching.index.plan"),
            text("teaching.index.cells", times="../../../lessons/times.toml"),
            text("teaching.index.reading", **speed),
            f"## {text('teaching.index.routes')}",
            *(block for route in course.routes.routes for block in _route(course, route, edition)),
        ]
    return "\n\n".join(blocks) + "\n"


def _lessons(course: Course, edition: str) -> str:
    rows = [text("teaching.index.head"), "|:--|--:|--:|--:|"]
    for id, lesson in course.lessons.items():
        measured = course.times.get(id)
        found = spans(lesson, edition, measured)
        running = text("teaching.times.unknown")
        if measured:
            running = minutes(sum(one.running or 0 for one in found))
        planned = text("teaching.times.minutes", count=lesson.plan.minutes)
        read = minutes(sum(one.reading for one in found))
        rows.append(f"| {_link(course, id)} | {planned} | {running} | {read} |")
    return "\n".join(rows)


def _unmeasured(course: Course) -> list[str]:
    missing = [id for id in course.lessons if id not in course.times]
    if not missing:
        return []
    return [text("teaching.index.unmeasured", lessons=text("teaching.list").join(missing))]


def _link(course: Course, id: str) -> str:
    lesson = course.lessons[id]
    return f"[{id} · {lesson.plan.title[language()]}]({lesson.name}.md)"


def _route(course: Course, route: Route, edition: str) -> list[str]:
    speech = language()
    blocks = [f"### {route.title[speech]}", route.why[speech]]
    days = route.days
    for number, day in enumerate(days, start=1):
        if len(days) > 1:
            blocks.append(f"#### {text('teaching.route.day', number=number)}")
        clock = 0
        rows = [text("teaching.route.head"), "|--:|:--|:--|--:|:--|"]
        for step in day:
            took = taken(step, course.routes, course.lessons, course.times)
            start = f"{clock // 60}:{clock % 60:02}"
            clock += took
            if step.lesson:
                parts, why = _parts(course, step, edition), step.why[speech]
                rows.append(
                    f"| {start} | {_link(course, step.lesson)} | {parts} | {took} | {why} |"
                )
            else:
                rows.append(f"| {start} | *{text('teaching.route.pause')}* | | {took} | |")
        blocks.append("\n".join(rows))
        pauses = sum(step.pause for step in day)
        values = {"taken": clock, "minutes": route.minutes, "spare": route.minutes - clock}
        blocks.append(text("teaching.route.total", pauses=pauses, **values))
    return blocks


def _parts(course: Course, step: Step, edition: str) -> str:
    source = course.lessons[step.lesson].sources[edition]

    said = [listed(source, step.parts)] if step.parts else []
    if step.run:
        said.append(f"*{text('teaching.route.run', parts=listed(source, step.run))}*")
    if step.shown:
        said.append(f"*{text('teaching.route.shown', parts=listed(source, step.shown))}*")
    return "<br>".join(said)
