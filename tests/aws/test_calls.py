"""What the lessons ask of AWS: in a table that is true, and against two emulators, not one."""

from __future__ import annotations

import pytest

from helpers import paths
from helpers.aws import calls
from tests.aws import rehearsal

TABLE = paths.ROOT / "docs" / "aws-calls.md"


@pytest.fixture(scope="module")
def made() -> dict[str, rehearsal.Made]:
    return {lesson: rehearsal.play(lesson) for lesson in rehearsal.LESSONS}


def test_every_aws_lesson_is_rehearsed() -> None:
    texts = {folder.name: folder / "en.md" for folder in paths.LESSONS.glob("[0-9][0-9]-*")}
    sources = {name for name, file in texts.items() if "aws.target(" in file.read_text("utf-8")}
    assert sources == set(rehearsal.LESSONS)


@pytest.mark.parametrize("lesson", rehearsal.LESSONS)
def test_the_same_cells_pass_against_moto(lesson: str, made: dict[str, rehearsal.Made]) -> None:
    assert made[lesson].failed == []


def test_each_call_is_listed_and_none_is_listed_in_vain(made: dict[str, rehearsal.Made]) -> None:
    asked = {call for one in made.values() for call in one.calls}
    # clean-up asks every service; what it finds nothing of is no call of a lesson
    listed = set(calls.read())
    assert asked - calls.CLEANING - listed == set()
    assert listed - asked - {call for one in made.values() for call in one.written} == set()


def test_what_moto_does_not_know_is_said(made: dict[str, rehearsal.Made]) -> None:
    said = {call for call, row in calls.read().items() if row.moto}
    passed = {call for one in made.values() for call in set(one.calls) - one.missing}
    assert {call for one in made.values() for call in one.missing} <= said
    assert not said & passed


def test_the_table_is_as_it_would_be_made_today(made: dict[str, rehearsal.Made]) -> None:
    by_lesson = {lesson: one.all for lesson, one in made.items()}
    assert TABLE.read_text("utf-8") == calls.table(by_lesson), "python -m tests.aws.write_calls"
