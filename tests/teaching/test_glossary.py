"""One meaning a term, one translation a term, in the whole course."""

from __future__ import annotations

import dataclasses

import pytest

from helpers.authoring.fields import Words
from helpers.authoring.lesson import Lesson
from helpers.teaching import course, glossary


@pytest.fixture(scope="module")
def lessons() -> dict[str, Lesson]:
    return dict(course.load().lessons)


def changed(lessons: dict[str, Lesson], id: str, name: str, **fields: object) -> dict[str, Lesson]:
    """The lessons with one term of one of them changed."""
    plan = lessons[id].plan
    words = [
        dataclasses.replace(one, **fields) if one.term.en == name else one for one in plan.glossary
    ]
    new = dataclasses.replace(plan, glossary=tuple(words))
    return {**lessons, id: dataclasses.replace(lessons[id], plan=new)}


def test_every_term_has_one_meaning_and_one_translation(lessons: dict[str, Lesson]) -> None:
    assert glossary.problems(lessons) == []


def test_another_definition_is_named(lessons: dict[str, Lesson]) -> None:
    found = glossary.problems(changed(lessons, "06", "daemon", definition=Words("Ghost", "幽灵")))
    assert len(found) == 1
    assert "daemon" in found[0] and "06" in found[0] and "00" in found[0]
    ghost = {"term": Words("daemon", "精灵"), "definition": Words("Ghost", "幽灵")}
    marked = changed(lessons, "06", "daemon", sense=Words("in myths", "神话中"), **ghost)
    assert glossary.problems(marked) == []


def test_one_translation_for_two_terms_is_named(lessons: dict[str, Lesson]) -> None:
    layer = next(one for one in lessons["01"].plan.glossary if one.term.en == "layer")
    twice = changed(lessons, "00", "image", term=Words("image", layer.term.zh))
    assert any(layer.term.zh in one for one in glossary.problems(twice))


def test_the_page_has_each_term_once_with_its_first_lesson(lessons: dict[str, Lesson]) -> None:
    found = glossary.entries(lessons)
    names = [(one.term.en.casefold(), one.sense) for one in found]
    assert len(set(names)) == len(names) > 140
    english, chinese = (glossary.page(lessons, edition) for edition in ("en", "zh-CN"))
    assert english.count("| **daemon** |") == 1
    row = next(line for line in english.splitlines() if line.startswith("| **daemon** |"))
    assert "守护进程" in row and "[00](../notebooks/en/00-start-here.ipynb), 06" in row.replace(
        ";", ","
    )
    assert "| **守护进程** | daemon |" in chinese
    assert "**secret (in a build)**" in english and "**secret (in a swarm)**" in english
