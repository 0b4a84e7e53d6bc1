"""What of a long text stands on a slide."""

from __future__ import annotations

from helpers.slides import excerpts
from helpers.slides.deck import Slide
from helpers.slides.page import _code, _lines, _phrases


def test_a_long_table_goes_on_where_a_group_begins() -> None:
    rows = [f"| {'g' if n % 4 == 0 else ''} | {n} |" for n in range(16)]
    found = excerpts.tables(["text", "## Head\n\n" + "\n".join(["| a | b |", "|--|--|", *rows])])
    assert [one.count("\n") - 1 for one in found] == [8, 8]
    assert all(one.startswith("| a | b |\n|--|--|\n| g |") for one in found)
    assert "".join(one.partition("--|--|\n")[2] + "\n" for one in found).split("\n")[:-1] == rows


def test_a_table_without_groups_is_cut_all_the_same() -> None:
    for count in (1, 9, 10, 19, 28):
        block = "\n".join(["| a |", "|--|", *(f"| {n} |" for n in range(count))])
        sizes = [one.count("\n") - 1 for one in excerpts.tables([block])]
        assert sum(sizes) == count and max(sizes) <= excerpts.ROWS
    never = "\n".join(["| a | b |", "|--|--|", *(f"| | {n} |" for n in range(20))])
    assert sum(one.count("\n") - 1 for one in excerpts.tables([never])) == 20
    assert excerpts.tables(["no table", "<div>\n\n| a |\n|--|\n| in a box of words |"]) == []


def test_of_a_list_the_first_sentences_are_left() -> None:
    block = (
        "* **A pipeline.** A program, not a person, builds and deploys each change"
        " (one thing, another thing, and many more things besides). More.\n"
        "* Short [link](https://example.org), whole. Second sentence.\n"
        "* **更新**：操作系统、引擎的更新。还有别的。"
    )
    assert excerpts.items(["Text.", "## Head\n\n" + block]) == [
        "**A pipeline.** A program, not a person, builds and deploys each change",
        "Short link, whole",
        "**更新**：操作系统、引擎的更新",
    ]
    assert excerpts.items(["* one\n* two"]) == [], "an aside"
    assert excerpts.items(["<div>\n\n* a\n* b\n* c"]) == [], "a box of new words"


def test_a_chinese_line_ends_after_a_stop() -> None:
    shown = _phrases("一条 <code>docker run，x</code>，五个请求。")
    assert shown == (
        '<span class="phrase">一条 <code>docker run，x</code>，</span>'
        '<span class="phrase">五个请求。</span>'
    )
    assert _phrases("English: as it is, <em>always</em>.") == "English: as it is, <em>always</em>."
    assert _lines("字" * 30 + "，" + "字" * 30, 32) == 2, "the second does not fit beside the first"
    assert _lines("字" * 70, 32) == 3


def test_many_short_lines_go_in_two_columns() -> None:
    many = Slide("part", "t", "lead", code="show()", output="\n".join(["    key: value"] * 34))
    assert 'class="output two"' in _code(many) and "…" not in _code(many)
    wide = Slide("part", "t", "lead", code="show()", output="\n".join(["x" * 90] * 34))
    assert "two" not in _code(wide) and "…" in _code(wide)
