"""The glossary of the course: the terms of all lessons, each once, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..authoring.fields import Words
from ..authoring.lesson import Lesson
from ..authoring.model import Term
from ..messages import LANGUAGES, language, speaking, text

__all__ = ["FILES", "Entry", "entries", "page", "problems"]

FILES = {"en": "glossary.md", "zh-CN": "glossary.zh-CN.md"}


@dataclass(frozen=True)
class Entry:
    """A term with the lessons that explain it, the first of them first."""

    term: Words
    sense: Words | None
    definition: Words
    lessons: tuple[str, ...]


def _key(term: Term) -> tuple[str, str]:
    return term.term.en.casefold(), term.sense.en if term.sense else ""


def entries(lessons: Mapping[str, Lesson]) -> list[Entry]:
    """Return every term once, by its English name; what a later lesson says again is left out."""
    found: dict[tuple[str, str], Entry] = {}
    for id, lesson in lessons.items():
        for term in lesson.plan.glossary:
            one = found.get(_key(term))
            known = one.lessons if one else ()
            first = one or Entry(term.term, term.sense, term.definition, ())
            found[_key(term)] = Entry(first.term, first.sense, first.definition, (*known, id))
    return [found[key] for key in sorted(found)]


def problems(lessons: Mapping[str, Lesson]) -> list[str]:
    """Return terms that two lessons explain differently, and terms without exactly one translation.

    The same word with another meaning is marked in ``lesson.toml`` by its ``sense``.
    """
    found = []
    first: dict[tuple[str, str], tuple[str, Term]] = {}
    for id, lesson in lessons.items():
        for term in lesson.plan.glossary:
            before, told = first.setdefault(_key(term), (id, term))
            if (told.term, told.definition) != (term.term, term.definition):
                words = {"term": term.term.en, "lesson": id, "first": before}
                found.append(text("teaching.glossary.differs", **words))
    pairs = {(_key(term), term.term.zh) for _, term in first.values()}
    for here, there in ((0, 1), (1, 0)):
        others: dict[object, set] = {}
        for pair in pairs:
            others.setdefault(pair[here], set()).add(pair[there])
        for name, several in others.items():
            if len(several) > 1:
                listed = text("teaching.list").join(sorted(map(str, several)))
                found.append(text("teaching.glossary.unclear", term=name, others=listed))
    return found


def page(lessons: Mapping[str, Lesson], edition: str) -> str:
    """Return the glossary in ``edition`` (``"en"``, ``"zh-CN"``) as Markdown."""
    with speaking(LANGUAGES[edition]):
        other = next(file for name, file in FILES.items() if name != edition)
        rows = [text("teaching.glossary.head"), "|:--|:--|:--|:--|"]
        rows += [_row(one, lessons, edition) for one in entries(lessons)]
        blocks = [
            f"<!-- {text('teaching.generated')} -->",
            f"# {text('teaching.glossary.title')}",
            text("teaching.glossary.about", other=other),
            "\n".join(rows),
        ]
    return "\n\n".join(blocks) + "\n"


def _row(one: Entry, lessons: Mapping[str, Lesson], edition: str) -> str:
    speech = language()
    english, chinese = one.term.en, one.term.zh.partition("（")[0]
    if one.sense:  # it is the English word that has two meanings
        english = text("teaching.glossary.sense", term=english, sense=one.sense[speech])
    term, other = (english, chinese) if speech == "en" else (chinese, english)
    first, *later = one.lessons
    link = f"[{first}](../notebooks/{edition}/{lessons[first].name}.ipynb)"
    shown = text("teaching.list").join([link, *later])
    return f"| **{term}** | {other} | {one.definition[speech]} | {shown} |"
