"""The teaching notes: complete for every lesson, in both languages, and never out of date."""

from __future__ import annotations

import dataclasses
import re

import pytest

from helpers.messages import LANGUAGES
from helpers.paths import ROOT
from helpers.teaching import checks, course, files, guide, reading, spans, times


@pytest.fixture(scope="module")
def whole() -> course.Course:
    return course.load()


def test_documents_plans_routes_and_terms_agree(whole: course.Course) -> None:
    assert checks.everything(whole) == []


def test_every_lesson_has_its_notes_in_both_languages(whole: course.Course) -> None:
    wanted = files.generated(whole)
    assert len(wanted) == 2 * (len(whole.lessons) + 2)
    for edition in LANGUAGES:
        for lesson in whole.lessons.values():
            notes = wanted[files.DOCS / "teaching" / edition / f"{lesson.name}.md"]
            speech = LANGUAGES[edition]
            told = [one.note[speech] for one in lesson.plan.parts]
            told += [one.claim[speech] for one in lesson.plan.teaching.misconceptions]
            told += [one[speech] for one in lesson.plan.teaching.cut]
            told += [one[speech] for one in lesson.plan.objectives]
            told += [c.reason[speech] for one in lesson.plan.quiz for c in one.choices]
            assert [one for one in told if one not in notes] == []


def test_links_of_the_notes_lead_somewhere(whole: course.Course) -> None:
    for path, words in files.generated(whole).items():
        links = re.findall(r"\]\((?!https?:)([^)#]+)\)", words)
        assert links, path
        broken = [one for one in links if not (path.parent / one).exists()]
        assert broken == [], path.relative_to(ROOT)


def test_a_changed_document_is_named(whole: course.Course, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(files, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(files.paths, "ROOT", tmp_path)
    assert len(files.write(whole)) == len(files.generated(whole))
    assert files.stale(whole) == files.write(whole) == []
    changed = tmp_path / "docs/teaching/en/01-images-and-layers.md"
    changed.write_text(changed.read_text("utf-8").replace("20 MB", "30 MB"), "utf-8")
    left = tmp_path / "docs/teaching/zh-CN/99-gone.md"
    left.write_text("a lesson that is no more", "utf-8")
    named = "\n".join(files.stale(whole))
    assert "en/01-images-and-layers.md" in named
    assert "zh-CN/99-gone.md" in named
    assert len(files.stale(whole)) == 2
    files.write(whole)
    assert not left.exists()


def _measured(seconds: dict[str, float]) -> times.Measured:
    return times.Measured("2026-11-29", "en", 2, 8, "28.5.2", 1, 3, seconds)


def test_a_plan_shorter_than_running_and_reading_is_named(whole: course.Course) -> None:
    lesson = whole.lessons["01"]
    calm = {part.id: 1.0 for part in lesson.plan.parts}
    assert spans.short({"01": lesson}, {"01": _measured(calm)}) == []
    long = calm | {"weight": 7.5 * 60}
    found = spans.short({"01": lesson}, {"01": _measured(long)})
    assert [("weight" in one, "8 min" in one) for one in found] == [(True, True)] * 2


def test_what_was_not_measured_is_said_and_not_guessed(whole: course.Course) -> None:
    never = dataclasses.replace(whole, times={})
    notes = guide.guide(never, whole.lessons["01"], "en")
    assert "**not measured yet**" in notes
    assert "| not measured |" in notes
    measured = dataclasses.replace(whole, times={"01": _measured({"image": 200.0, "weight": 2.4})})
    notes = guide.guide(measured, whole.lessons["01"], "en")
    assert "| 8 min | 3 min |" in notes
    assert "| 8 min | 2 s |" in notes
    assert "2 cores, 8 GB" in notes and "load average of the machine: 3" in notes


def test_reading_counts_words_and_characters() -> None:
    assert reading.count("An image is `read-only`: see [lesson 04](04-x.ipynb).") == (7, 0)
    assert reading.count("镜像（image）是只读的。") == (1, 6)
    assert reading.count("```python\nimages.read(name)\n```") == (2, 0)


def test_the_reading_speed_is_the_stated_one(whole: course.Course) -> None:
    text = whole.lessons["01"].sources["en"]
    words = sum(
        reading.count(cell.text)[0]
        for cell in text.cells
        if cell.part == "weight" and "solution" not in cell.tags
    )
    assert reading.seconds(text, "weight") == pytest.approx(60 * 1.5 * words / 228)
