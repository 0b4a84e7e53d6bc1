"""What stands on the slides: decided by the tags of the plan, drawn by the run that is stored."""

from __future__ import annotations

import base64
import dataclasses
import io
import re

import numpy as np
import pytest
from PIL import Image

from helpers.authoring.fields import LessonError
from helpers.errors import LabFailed, NotFound
from helpers.lab import commands
from helpers.slides import bands, build, deck
from helpers.slides.page import page
from helpers.teaching import course


@pytest.fixture(scope="module")
def whole() -> course.Course:
    return course.load()


def slides(whole: course.Course, id: str, edition: str = "en") -> list:
    lesson = whole.lessons[id]
    return deck(lesson, edition, course.stored(lesson, edition))


def test_each_part_shows_what_its_tag_says(whole: course.Course) -> None:
    lesson = whole.lessons["01"]
    made = slides(whole, "01")
    titles = {one.title for one in made}
    for part in lesson.plan.parts:
        title = lesson.sources["en"].title(part.id)
        assert (title in titles) is (part.slide == "slide"), part.id
    leads = {one.lead for one in made} | {added for one in made for added in one.added}
    for part in lesson.plan.parts:
        if part.shows:
            assert part.shows.en in leads
    before = lesson.sources["en"].title("writable")
    assert [one.added for one in made if one.title == before][-1], "a fragment adds to the last"


def test_figures_are_those_of_the_stored_run(whole: course.Course) -> None:
    lesson = whole.lessons["03"]
    notebook = course.stored(lesson, "zh-CN")
    drawn = [
        band.source
        for part in lesson.plan.parts
        if part.slide == "slide"
        for html in course.figures(notebook).get(part.id, [])
        for band in bands.cut(bands.picture(html))
    ]
    shown = [one.picture.source for one in slides(whole, "03", "zh-CN") if one.picture]
    assert drawn == shown


def test_a_note_has_the_teachers_words_and_the_misconception(whole: course.Course) -> None:
    made = next(one for one in slides(whole, "01") if one.kind == "part")
    assert "let them guess" in made.note
    assert "Every Dockerfile line makes a layer" in made.note


def test_a_part_without_a_figure_shows_its_cell_its_table_or_its_words(
    whole: course.Course,
) -> None:
    by_title = {one.title: one for one in slides(whole, "02") if one.kind == "part"}
    context = by_title[whole.lessons["02"].sources["en"].title("context")]
    assert context.code.startswith("images.search(") and "found in L3" in context.output
    services = next(one for one in slides(whole, "11") if one.table)
    assert "<table>" in services.table and "EC2" in services.table
    why = next(one for one in slides(whole, "00") if one.kind == "part")
    assert len(why.points) == 4 and "**daemon**" in why.points[2]
    first = next(one for one in slides(whole, "12", "zh-CN") if len(one.points) == 4)
    assert first.points[2] == "**预算**，见下文", "the four things, and not the words"


def test_imports_take_no_room(whole: course.Course) -> None:
    shown = next(one for one in slides(whole, "00") if one.code)
    assert shown.code == 'containers.run("lbl/busybox:1", ["ls", "/"])'


def test_a_figure_in_bands_says_which(whole: course.Course) -> None:
    titles = [one.title for one in slides(whole, "10", "zh-CN") if one.kind == "figure"]
    assert "一个 Pod 没了，一个 Pod 病了（1/2）" in titles
    assert "改文件，不改集群" in titles, "a whole one says nothing"


def test_the_right_answer_comes_with_its_reason(whole: course.Course) -> None:
    for slide, question in zip(
        [one for one in slides(whole, "02") if one.kind == "quiz"],
        whole.lessons["02"].plan.quiz,
        strict=True,
    ):
        assert slide.added == [one.reason.en for one in question.choices if one.right]
        assert all(one.reason.en in slide.note for one in question.choices)


def test_a_cell_that_does_not_exist_is_named(whole: course.Course) -> None:
    lesson = whole.lessons["02"]
    first, *others = lesson.plan.parts
    plan = dataclasses.replace(lesson.plan, parts=(dataclasses.replace(first, cell=99), *others))
    with pytest.raises(LessonError, match="no code cell 99"):
        deck(dataclasses.replace(lesson, plan=plan), "en", course.stored(lesson, "en"))


def test_every_lesson_has_slides_in_both_languages(whole: course.Course) -> None:
    for id in whole.lessons:
        english, chinese = slides(whole, id), slides(whole, id, "zh-CN")
        assert [one.kind for one in english] == [one.kind for one in chinese] or id == "09", id
        assert len(english) >= len(whole.lessons[id].plan.quiz) + 3


def test_markup_in_an_output_stays_text() -> None:
    from helpers.slides.deck import Slide

    made = page(
        [Slide("part", "<b>x</b>", "y", code="print('</pre><script>')", output="<i>")], "en"
    )
    assert "<script>')" not in made
    assert "&lt;script&gt;" in made and "&lt;i&gt;" in made and "&lt;b&gt;x" in made


def _picture(*panels: int, gap: int = 40) -> bands.Picture:
    """A picture of grey panels of these heights, with white between them."""
    height = sum(panels) + gap * (len(panels) + 1)
    pixels = np.full((height, 1238, 3), 255, np.uint8)
    top = gap
    for panel in panels:
        pixels[top : top + panel, 100:1100] = 128
        top += panel + gap
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    source = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    return bands.Picture(source, 1238, height, "panels")


def test_a_picture_that_fits_is_not_touched() -> None:
    whole = _picture(300, 300)
    assert bands.cut(whole) == [whole]


@pytest.mark.parametrize("panels", [(500, 500), (450, 500, 550), (700, 200, 700)])
def test_a_tall_picture_is_cut_between_its_panels(panels: tuple[int, ...]) -> None:
    found = bands.cut(_picture(*panels))
    assert sum(one.height for one in found) == _picture(*panels).height, "nothing is lost"
    for one in found:
        assert one.height * bands.READABLE <= bands.AREA[1] + 1
        image = np.asarray(Image.open(io.BytesIO(base64.b64decode(one.source.split(",")[1]))))
        assert (image[0] == 255).all() and (image[-1] == 255).all(), "no panel is cut"


def test_a_picture_without_a_gap_is_cut_all_the_same() -> None:
    found = bands.cut(_picture(1500, gap=1))
    assert len(found) == 2 and all(one.height < 860 for one in found)


def test_an_unknown_lesson_is_told(capsys: pytest.CaptureFixture) -> None:
    assert commands.run(["slides", "99", "--language", "en"]) == 1
    assert "99" in capsys.readouterr().err
    with pytest.raises(NotFound):
        build("0", "en")


def test_a_notebook_that_does_not_agree_gives_no_slides(monkeypatch, tmp_path) -> None:
    from helpers.authoring import check

    monkeypatch.setattr(check, "generated", lambda *_: ["en/01.ipynb: cell 3 does not match"])
    with pytest.raises(LabFailed) as caught:
        build("01", "en", tmp_path)
    assert "cell 3" in caught.value.why
    assert list(tmp_path.iterdir()) == []


def test_the_file_needs_nothing_else(tmp_path) -> None:
    path = build("01", "zh-CN", tmp_path)
    made = path.read_text("utf-8")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', made)
    assert addresses and all(one.startswith("data:") for one in addresses)
    assert "default-src 'none'" in made
    assert '<html lang="zh-CN">' in made
