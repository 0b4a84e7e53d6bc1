"""Summary sheets: what a lesson leaves, on one page of A4."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.messages import LANGUAGES, has
from helpers.teaching import commands, course, sheet

MILLIMETRE = 96 / 25.4  # CSS pixels


@pytest.fixture(scope="module")
def whole() -> course.Course:
    return course.load()


def test_every_command_that_lessons_show_is_explained_and_no_other(whole: course.Course) -> None:
    seen: set[str] = set()
    for lesson in whole.lessons.values():
        by_language = [
            commands.shown(course.stored(lesson, edition)) for edition in ("en", "zh-CN")
        ]
        assert set(by_language[0]) == set(by_language[1])
        seen |= set(by_language[0])
    assert seen == commands.known()
    assert has("commands.docker build")


def test_a_sheet_holds_aims_words_commands_and_the_figure(whole: course.Course) -> None:
    lesson = whole.lessons["01"]
    made = sheet.sheet(lesson, "zh-CN", course.stored(lesson, "zh-CN"))
    assert "docker push" in made and "推送" in made
    for term in lesson.plan.glossary:
        assert term.term.zh in made
    for aim in lesson.plan.objectives:
        assert aim.zh.split("`")[0] in made
    assert made.count('src="data:image/png;base64,') == 1
    assert "http" not in made, "nothing is fetched"
    assert "width=" not in made.partition("<img ")[2].partition(">")[0]


@pytest.mark.browser
@pytest.mark.parametrize("edition", list(LANGUAGES))
def test_each_lesson_fits_on_one_page(
    whole: course.Course, edition: str, browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 794, "height": 1123})
    page.emulate_media(media="print")
    too_long = {}
    for path in sheet.write(whole, edition, tmp_path):
        page.goto(path.as_uri())
        printed = page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n")
        if printed != 1:
            height = page.evaluate("document.body.getBoundingClientRect().height")
            too_long[path.name] = (printed, f"{round(height / MILLIMETRE)} mm")
        letters = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert letters >= 7.5 * 96 / 72 - 0.1, "nobody can read that"
    page.close()
    assert too_long == {}


def test_sheets_are_written_for_all_lessons(whole: course.Course, tmp_path: Path) -> None:
    made = sheet.write(whole, "en", tmp_path)
    assert [path.name for path in made] == [
        f"{lesson.name}.en.html" for lesson in whole.lessons.values()
    ]
    assert all(path.stat().st_size > 1500 for path in made)
