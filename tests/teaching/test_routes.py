"""Routes fit their time, and no part comes before what it stands on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from helpers.authoring.fields import LessonError
from helpers.teaching import course, routes, standing


@pytest.fixture(scope="module")
def whole() -> course.Course:
    return course.load()


def problems(whole: course.Course, *steps: routes.Step, minutes: int = 120) -> list[str]:
    """What is wrong with a route of these steps."""
    one = dataclasses.replace(whole.routes.routes[0], steps=steps, minutes=minutes)
    made = dataclasses.replace(whole.routes, routes=(one,))
    return routes.problems(made, whole.lessons, {})


def step(lesson: str, *parts: str, **more: tuple[str, ...]) -> routes.Step:
    return routes.Step(lesson=lesson, parts=parts, **more)


def test_two_hours_half_a_day_and_two_days(whole: course.Course) -> None:
    assert [(one.id, one.minutes, len(one.days)) for one in whole.routes.routes] == [
        ("two-hours", 120, 1),
        ("half-day", 240, 1),
        ("two-days", 480, 2),
    ]
    assert routes.problems(whole.routes, whole.lessons, whole.times) == []
    for route in whole.routes.routes:
        assert any(one.pause for one in route.steps), "nobody sits through it"


def test_what_a_part_stands_on_is_read_from_its_code(whole: course.Course) -> None:
    needs = standing.needs(whole.lessons["01"])
    assert needs["image"] == ()
    assert needs["writable"] == ("image",)  # the names that it imports, and the image `notes`
    assert "weight" in needs["sharing"]
    # what runs in a cluster stands in the plan, and what that stands on comes with it
    assert standing.needs(whole.lessons["08"])["placing"] == ("cluster", "desired")


def test_a_part_without_what_it_stands_on_is_named(whole: course.Course) -> None:
    assert "01 writable stands on image" in problems(whole, step("01", "writable"))[0]
    assert problems(whole, step("01", "image", "writable")) == []
    assert problems(whole, step("01", "writable", run=("image",))) == []
    assert problems(whole, step("01", "image"), step("01", "writable")) == []
    assert problems(whole, step("01", shown=("writable",))) == [], "a slide needs nothing"


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ([step("77", "image")], "no lesson is called '77'"),
        ([step("01", "imagine")], "lesson 01 has no part 'imagine'"),
        ([step("01", shown=("explore",))], "01 explore has no slide"),
        ([step("01", "image", "weight", "writable")], "in another order"),
        ([step("04", "life", "volumes", "mounts", "networks"), step("17", "exercises",
          run=("questions", "carry"))], "minutes without a break at 17"),
    ],
)  # fmt: skip
def test_mistakes_are_named(whole: course.Course, steps: list[routes.Step], named: str) -> None:
    assert any(named in one for one in problems(whole, *steps)), problems(whole, *steps)


def test_a_day_that_is_too_long_is_named(whole: course.Course) -> None:
    found = problems(whole, step("01", "image", "weight"), minutes=15)
    assert "day 1: takes 16 minutes and has 15" in found[0]
    over_night = (step("01", "image"), routes.Step(night=True), step("01", "weight"))
    assert problems(whole, *over_night, minutes=15) == []


def test_what_only_runs_counts_as_measured(whole: course.Course) -> None:
    from .test_notes import _measured

    one = step("01", "writable", run=("image",))
    measured = {"01": _measured({"image": 61.0})}
    assert routes.minutes(one, whole.routes, whole.lessons, measured) == 9 + 2
    assert routes.minutes(one, whole.routes, whole.lessons, {}) == 9 + 8, "the plan, if unknown"


def test_a_broken_file_names_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "routes.toml"
    path.write_text('shown_minutes = 3\n[[routes]]\nid = "x"\nsteps = [{lesson = "01"}]\n', "utf-8")
    with pytest.raises(LessonError) as caught:
        routes.read(path)
    said = "\n".join(caught.value.problems)
    for key in ("longest_sitting", "routes[1].minutes", "routes[1].title", "steps[1].parts"):
        assert key in said
