"""What an instructor reads: in the terminal and on the page, in both languages, with and without
names."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from helpers import messages
from helpers.classview import page, telling, terminal
from helpers.classview.model import Learner, Overview
from helpers.classview.page import Choice
from helpers.text import columns

from .made_up import MISSING, NAMES, NOT_ADDED, NOW, standing, thirty

EMPTY = Overview("main", NOW, (), ())


@pytest.fixture(params=["en", "zh"])
def spoken(request: pytest.FixtureRequest):
    with messages.speaking(request.param):
        yield request.param


def test_groups_hold_who_is_stuck_at_the_same_message_the_longest_first() -> None:
    groups = thirty().groups()
    assert [(one.exercise, one.message) for one in groups] == [
        ("01.2", MISSING),
        ("01.2", NOT_ADDED),
    ]
    assert [one.learner for one in groups[0].members] == [26, 21, 11, 6, 1]
    assert [one.learner for one in groups[1].members] == [27, 22, 17, 7, 2]
    assert groups[0].since == NOW - 13 * 60


def test_who_went_on_is_not_stuck() -> None:
    stuck = standing(1, "01.1", "lesson01.ex1.missing", 9)
    learners = (Learner(1, "Ada", 0, NOW),)
    assert len(Overview("x", NOW, learners, (stuck,)).groups()) == 1
    later = replace(standing(1, "01.2", MISSING, 0), last=NOW)
    (group,) = Overview("x", NOW, learners, (stuck, later)).groups()
    assert group.exercise == "01.2"
    through = replace(stuck, through=NOW - 5, last=NOW)  # broken again after it was right
    assert Overview("x", NOW, learners, (through,)).groups() == []


def test_exercises_are_in_order_and_counted() -> None:
    counts = {one.exercise: (one.through, one.trying) for one in thirty().counts()}
    assert list(counts) == ["00.1", "01.1", "01.2"]
    assert counts["01.2"] == (4, 10)
    many = (standing(1, "01.10", MISSING, 1), standing(1, "01.9", MISSING, 1))
    assert [c.exercise for c in Overview("x", NOW, (), many).counts()] == ["01.9", "01.10"]


def test_every_learner_has_a_line(spoken: str) -> None:
    shown = terminal.draw(thirty())
    for name in NAMES:
        assert name in shown
    assert "Ada (2)" in shown
    lines = shown.split("\n")
    assert max(map(columns, lines)) < 200
    table = lines[-30:]
    places = {columns(line[: line.index("0")]) for line in table if "00.1" in line[:40]}
    assert len(places) == 1, "columns stand below each other, with Chinese names too"


def test_the_terminal_says_it_in_words(spoken: str) -> None:
    shown = terminal.draw(thirty())
    expected = {
        "en": ("30 joined · 10 not through", "Learners: 5 · longest: 13 min",
               "There is no container called …. A container", "Hint 1:", "4 of 30", "✓ through",
               "✗ not yet", "– no check yet", "13 min", "22 min ago",
               "Ada (under a minute, tries: 3)"),
        "zh": ("已加入 30 人 · 10 人尚未通过", "5 人 · 最久：13 分钟", "没有名为 … 的容器。",
               "提示 1：",
               "4/30", "✓ 已通过", "✗ 尚未通过", "– 还没有检查", "22 分钟前",
               "Ada（不到 1 分钟，3 次）"),
    }[spoken]  # fmt: skip
    assert [words for words in expected if words not in shown] == []


def test_hints_stand_once_for_an_exercise(spoken: str) -> None:
    shown = terminal.draw(thirty())
    assert shown.count(messages.text("lesson01.ex2.hint1")) == 1


def test_a_small_terminal_shows_what_matters_first(spoken: str) -> None:
    shown = terminal.draw(thirty())
    cut = terminal.fitted(shown, 24).split("\n")
    assert len(cut) == 24
    assert cut[:23] == shown.split("\n")[:23]
    assert str(len(shown.split("\n")) - 23) in cut[-1]
    assert terminal.fitted(shown, 500) == shown


def test_names_can_be_hidden_everywhere(spoken: str) -> None:
    hidden = [
        terminal.draw(thirty(), names=False),
        page.whole(thirty(), Choice(spoken, False)),
        page.part(thirty(), Choice(spoken, False)),
    ]
    for shown in hidden:
        assert [name for name in NAMES if re.search(rf"\b{name}\b", shown)] == []
        assert {"en": "Learner 26", "zh": "学员 26"}[spoken] in shown


def test_an_empty_class_is_said(spoken: str) -> None:
    for shown in (terminal.draw(EMPTY), page.whole(EMPTY, Choice(spoken, True))):
        assert messages.text("classview.nobody") in shown
        assert messages.text("classview.nothing") in shown


def test_the_page_says_what_the_terminal_says(spoken: str) -> None:
    shown = page.whole(thirty(), Choice(spoken, True))
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", shown)).split())
    told = telling.tell(thirty())
    cells = [cell for row in (*told.exercises, *told.learners) for cell in row.cells]
    cells += [word for spot in told.spots for word in (spot.words, *spot.members, *spot.hints)]
    assert [cell for cell in cells if " ".join(cell.split()) not in words] == []
    assert f'<html lang="{ {"en": "en", "zh": "zh-CN"}[spoken] }">' in shown
    assert shown.count("<details data-key=") == 2
    assert 'role="status"' in shown
    assert '<th scope="row">' in shown


def test_the_page_asks_nothing_from_elsewhere(spoken: str) -> None:
    shown = page.whole(thirty(), Choice(spoken, True))
    assert not re.search(r"(?i)(https?:)?//", shown + page.read("page.css").decode())
    assert "http" not in page.read("page.js").decode()
    assert not re.search(r"<script(?! src=\"page\.js\" defer>)|<style|\son\w+=|style=", shown)


def test_names_are_escaped(spoken: str) -> None:
    evil = "<img src=x onerror=alert(1)>\"'&"
    shown = page.whole(thirty((evil, "\x1b[31mred\u202e")), Choice(spoken, True))
    assert "<img" not in shown
    assert html.escape(evil) in shown
    told = terminal.draw(thirty((evil, "\x1b[31mred\u202e")))
    assert "\x1b" not in told
    assert "red\\u202e" in told


@pytest.mark.parametrize(
    ("query", "choice"),
    [(("zh", "off"), Choice("zh", False)), (("en", "on"), Choice("en", True)),
     (("fr", ""), Choice("en", True)), (("<b>", "<b>"), Choice("en", True))],
)  # fmt: skip
def test_a_choice_is_one_of_four(query: tuple[str, str], choice: Choice) -> None:
    with messages.speaking("en"):
        assert Choice.of(*query) == choice


def test_the_page_leads_to_the_other_choices() -> None:
    shown = page.whole(EMPTY, Choice("en", True))
    assert '<a id="names" href="?language=en&amp;names=off">Hide names</a>' in shown
    assert '<a id="language" href="?language=zh&amp;names=on" lang="zh-CN">简体中文</a>' in shown
    assert 'data-part="part?language=en&amp;names=on"' in shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "under a minute"), (59, "under a minute"), (60, "1 min"), (3599, "59 min"),
     (3600, "1 h 0 min"), (90_000, "over 1 d")],
)  # fmt: skip
def test_times_in_words(seconds: float, words: str) -> None:
    with messages.speaking("en"):
        assert telling.since(seconds) == words


def test_a_message_that_the_course_no_longer_has_is_shown_by_its_key() -> None:
    gone = standing(1, "77.1", "lesson77.ex1.gone", 3)
    told = terminal.draw(Overview("x", NOW, (Learner(1, "Ada", 0, NOW),), (gone,)))
    assert "lesson77.ex1.gone" in told
