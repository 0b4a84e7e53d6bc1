"""The words of the figures of volumes and networks say what the pictures show, and no more."""

from __future__ import annotations

import re
from dataclasses import replace

from helpers import figures, messages
from helpers.networks import Survey

from .sheets import written
from .storage import KEPT, LOST, copied, crowd, survey


def test_keeping_names_what_outlives_a_container():
    drawing = figures.keeping(KEPT)
    assert drawing.title == "A new container finds its file again in: Named volume, Bind mount"
    lines = drawing.words.splitlines()
    memory = lines.index("  tmpfs (in memory)")
    assert "docker start: ✗ gone" in lines[memory + 1]
    assert figures.keeping(LOST).title.endswith("nowhere")


def test_a_cell_of_the_picture_says_what_the_words_say():
    said = [t.text for t in written(figures.keeping(KEPT))]
    words = figures.keeping(KEPT).words
    for cell in ("✓ still there", "✗ not seen", "✓ found again", "✓ data stay", "✗ nothing"):
        assert said.count(cell) == words.count(cell) > 0


def test_copying_tells_that_the_first_byte_costs_the_file():
    drawing = figures.copy_on_write(copied())
    assert drawing.title == (
        "One byte appended to /srv/big (60 MB in the image): the writable layer grows by 60 MB"
    )
    assert "write 1: the writable layer grew by 60 MB and holds 60 MB  ≈0.2 s" in drawing.words
    assert "write 2: the writable layer grew by 1 B and holds 60 MB" in drawing.words


def test_times_decide_nothing_but_the_one_form_that_is_not_compared():
    hide = lambda words: re.sub(r"≈\d+(?:\.\d+)? s\b", "≈N s", words)  # noqa: E731
    quick, slow = (figures.copy_on_write(copied(seconds=s)) for s in ((0.01, 0.5), (9.0, 0.0)))
    assert hide(quick.words) == hide(slow.words)
    assert quick.title == slow.title
    assert [t.text for t in written(quick)] != [t.text for t in written(slow)]


def test_the_map_tells_networks_ports_and_every_attempt():
    drawing = figures.network_map(survey())
    assert drawing.title.startswith("7 containers, 2 networks: 4 of 30 attempts")
    for line in (
        "  lbl-04-both: bridge (default bridge: no names), lbl-04-net (bridge with names)",
        "  lbl-04-lonely: no network",
        "  lbl-04-guest: host network",
        "  lbl-04-asleep: stopped",
        "  lbl-04-web: port 80 is published at 127.0.0.1:32768",
        "  from this machine: ✓ lbl-04-web (by port), ✗ lbl-04-friend (no)",
    ):
        assert line in drawing.words.splitlines()
    assert "✓ lbl-04-friend (by name)" in drawing.words
    assert "→ lbl-04-both (by address)" in drawing.words


def test_refused_counts_as_reached():
    one = survey().reaches[0]
    shown = figures.network_map(replace(survey(), reaches=(replace(one, why="refused"),)))
    assert "✓ lbl-04-friend (by name)" in shown.words
    assert "1 of 1 attempts" in shown.title


def test_the_words_tell_also_what_the_picture_has_no_room_for():
    drawing = figures.network_map(crowd())
    assert "not drawn: 5 more" in [t.text for t in written(drawing)]
    assert drawing.words.count("  lbl-04-a-rather-long-container-name-11: ") == 2 + 1
    assert drawing.words.count("\n  from ") == 12


def test_chinese_words_hold_the_same_numbers():
    with messages.speaking("zh"):
        words = figures.copy_on_write(copied()).words
        title = figures.network_map(survey()).title
    assert "第 1 次写入：可写层增大 60 MB，现有 60 MB" in words
    assert title.startswith("7 个容器，2 个网络：容器之间 30 次尝试，4 次成功")


def test_nothing_at_all():
    assert "(no containers)" in figures.network_map(Survey((), (), (), ())).words
