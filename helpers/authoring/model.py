"""What ``lesson.toml`` says, as frozen dataclasses.

Every text stands in both languages side by side. The fields beyond what a notebook shows (what a
slide shows, teaching notes) are read and required from the first lesson on, so that slides and a
class kit can be made out of the same file.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .fields import LessonError, Table, Words

SLIDES = ("slide", "fragment", "skip")


# What takes longer to make than a cell may, besides base images: see helpers.authoring.machine.
READY = {"front", "kubernetes", "node"}


@dataclass(frozen=True)
class Requires:
    """What a lesson needs: a daemon, and which base images (functions of ``helpers.bases``).

    ``ready`` names what else is made before its notebook runs, in `helpers.authoring.machine`.
    """

    engine: bool
    bases: tuple[str, ...]
    ready: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A part of a lesson: minutes it takes, what its slide shows, what the teacher should know.

    ``slide`` is ``"slide"`` (a new one), ``"fragment"`` (added to the last one) or ``"skip"``;
    ``shows`` is None exactly when the part is skipped. ``cell`` is the code cell of the part
    (counted from 1) whose code and output the slide shows, in a part without a figure; 0: none.
    ``after`` names earlier parts whose cells have to run first though no name in the code says so,
    because of what they leave in a daemon or a cluster.
    """

    id: str
    minutes: int
    slide: str
    shows: Words | None
    note: Words
    cell: int = 0
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One answer to a question; ``reason`` says why it is right or wrong."""

    text: Words
    right: bool
    reason: Words


@dataclass(frozen=True)
class Question:
    """A quiz question: one choice is right, the others are wrong, and each says why."""

    question: Words
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Term:
    """A glossary term, and the part in which the text first uses it.

    ``sense`` tells it apart from the same word with another meaning in another lesson.
    """

    term: Words
    definition: Words
    part: str
    sense: Words | None = None


@dataclass(frozen=True)
class Misconception:
    """What learners often believe, the part in which it comes up, and what to answer."""

    part: str
    claim: Words
    answer: Words


@dataclass(frozen=True)
class Teaching:
    """Notes for whoever teaches the lesson: misconceptions, and what to cut when time is short.

    ``figure`` names the part whose last figure sums the lesson up; ``""``: it has no figure.
    """

    misconceptions: tuple[Misconception, ...]
    cut: tuple[Words, ...]
    figure: str = ""


@dataclass(frozen=True)
class Plan:
    """All of ``lesson.toml``."""

    id: str
    slug: str
    title: Words
    summary: Words
    objectives: tuple[Words, ...]
    requires: Requires
    parts: tuple[Part, ...]
    quiz: tuple[Question, ...]
    glossary: tuple[Term, ...]
    teaching: Teaching
    next: Words

    @property
    def minutes(self) -> int:
        """The time of all parts together."""
        return sum(part.minutes for part in self.parts)


def read(path: Path) -> Plan:
    """Parse and validate a ``lesson.toml``.

    Raises
    ------
    LessonError: every mistake in the file, each with its key.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise LessonError([f"{path}: is missing"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LessonError([f"{path}: {error}"]) from None
    problems: list[str] = []
    plan = _plan(Table(data, _short(path), "", problems))
    if path.parent.name != f"{plan.id}-{plan.slug}":
        problems.append(f"{_short(path)}: id, slug: {plan.id}-{plan.slug} is not the folder's name")
    if problems:
        raise LessonError(problems)
    return plan


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _plan(table: Table) -> Plan:
    plan = Plan(
        id=table.string("id"),
        slug=table.string("slug"),
        title=table.words("title"),
        summary=table.words("summary"),
        objectives=tuple(one.languages() for one in table.tables("objectives")),
        requires=_requires(table.table("requires")),
        parts=tuple(_part(one) for one in table.tables("parts")),
        quiz=tuple(_question(one) for one in table.tables("quiz")),
        glossary=tuple(_term(one) for one in table.tables("glossary")),
        teaching=_teaching(table.table("teaching")),
        next=table.words("next"),
    )
    table.end()
    if plan.id and not re.fullmatch(r"\d\d", plan.id):
        table.problem("id", f"must be two digits, not {plan.id!r}")
    names = [part.id for part in plan.parts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        table.problem("parts", f"two parts are called {name!r}")
    for number, part in enumerate(plan.parts, start=1):
        for one in part.after:
            if one not in names[: number - 1]:
                table.problem(f"parts[{number}].after", f"no earlier part is called {one!r}")
    if plan.teaching.figure and plan.teaching.figure not in names:
        table.problem("teaching.figure", f"no part is called {plan.teaching.figure!r}")
    named = {"glossary": plan.glossary, "teaching.misconceptions": plan.teaching.misconceptions}
    for key, entries in named.items():
        for number, one in enumerate(entries, start=1):
            if one.part and one.part not in names:
                table.problem(f"{key}[{number}].part", f"no part is called {one.part!r}")
    return plan


def _requires(table: Table) -> Requires:
    ready = table.strings("ready") if "ready" in table.data else ()
    found = Requires(table.boolean("engine"), table.strings("bases"), ready)
    table.end()
    if (found.bases or ready) and not found.engine:
        table.problem("bases", "base images need engine = true")
    for name in sorted(set(ready) - READY):
        table.problem("ready", f"{name!r} is not one of {', '.join(sorted(READY))}")
    return found


def _part(table: Table) -> Part:
    slide = table.string("slide", SLIDES)
    shows = None if slide == "skip" and "shows" not in table.data else table.words("shows")
    if slide == "skip" and shows is not None:
        table.problem("shows", "a part that is skipped shows nothing")
    cell = table.minutes("cell") if "cell" in table.data else 0
    if slide == "skip" and cell:
        table.problem("cell", "a part that is skipped shows nothing")
    after = table.strings("after") if "after" in table.data else ()
    name, minutes = table.string("id"), table.minutes("minutes")
    part = Part(name, minutes, slide, shows, table.words("note"), cell, after)
    table.end()
    return part


def _question(table: Table) -> Question:
    choices = tuple(_choice(one) for one in table.tables("choices", least=2))
    found = Question(table.words("question"), choices)
    table.end()
    right = sum(choice.right for choice in choices)
    if choices and right != 1:
        table.problem("choices", f"{right or 'none'} of them right, must be one")
    return found


def _choice(table: Table) -> Choice:
    right = table.boolean("right")
    found = Choice(table.words("text"), right, table.words("reason"))
    table.end()
    return found


def _term(table: Table) -> Term:
    sense = table.words("sense") if "sense" in table.data else None
    found = Term(table.words("term"), table.words("definition"), table.string("part"), sense)
    table.end()
    return found


def _teaching(table: Table) -> Teaching:
    misconceptions = []
    for one in table.tables("misconceptions"):
        misconceptions.append(
            Misconception(one.string("part"), one.words("claim"), one.words("answer"))
        )
        one.end()
    cut = tuple(one.languages() for one in table.tables("cut"))
    figure = table.string("figure") if "figure" in table.data else ""
    table.end()
    return Teaching(tuple(misconceptions), cut, figure)
