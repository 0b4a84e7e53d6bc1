"""The quiz at the end of each lesson: what a learner finds there, in both languages."""

from __future__ import annotations

import re
from collections import Counter

import nbformat
import pytest

from helpers import messages, paths
from helpers.authoring import Lesson, editions, load_all, notebook

HAN = re.compile("[\u4e00-\u9fff]")
LESSONS = load_all()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_each_answer_opens_with_its_verdict_and_reason(lesson: Lesson) -> None:
    assert len(lesson.plan.quiz) >= 2
    for edition in editions():
        speech = messages.LANGUAGES[edition.language]
        path = notebook.path(lesson, edition, paths.NOTEBOOKS)
        cells = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        for number, one in enumerate(lesson.plan.quiz, start=1):
            asked = f"**{number}.** {one.question[speech]}"
            (cell,) = (source for source in cells if source.split("\n", 1)[0] == asked)
            answers = re.findall(r"<details>.*?\n\n([✓✗]) \*\*.*?\*\* (.*?)\n\n</details>", cell)
            marks = ["✓" if choice.right else "✗" for choice in one.choices]
            reasons = [choice.reason[speech] for choice in one.choices]
            assert answers == list(zip(marks, reasons, strict=True))
            assert marks.count("✓") == 1
            assert len(set(reasons)) == len(reasons), "a reason is about one answer"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_questions_and_reasons_are_in_their_language(lesson: Lesson) -> None:
    told = [one.question for one in lesson.plan.quiz]
    told += [choice.reason for one in lesson.plan.quiz for choice in one.choices]
    assert [words.en for words in told if HAN.search(words.en)] == []
    assert [words.zh for words in told if not HAN.search(words.zh)] == []


def test_the_place_of_an_answer_does_not_give_it_away() -> None:
    course: Counter[int] = Counter()
    for lesson in LESSONS:
        places = [[c.right for c in one.choices].index(True) for one in lesson.plan.quiz]
        assert len(set(places)) > 1, f"{lesson.name}: always in place {places[0] + 1}"
        course.update(places)
    assert max(course.values()) <= course.total() / 2, course
