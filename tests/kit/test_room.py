"""The page for instructors: what it tells them to type exists, in both languages."""

from __future__ import annotations

import re

import pytest

from helpers import messages
from helpers.lab import commands
from helpers.paths import ROOT

PAGES = {"en": ROOT / "docs/room.md", "zh": ROOT / "docs/room.zh-CN.md"}


def typed(page: str) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", page, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("$ ")]
    return [line[2:].partition("  #")[0].strip() for line in lines]


def test_both_pages_tell_to_type_the_same():
    english, chinese = (typed(page.read_text("utf-8")) for page in PAGES.values())
    assert len(english) > 8
    assert english == chinese


@pytest.mark.parametrize("line", [c for c in typed(PAGES["en"].read_text("utf-8"))
                                  if c.startswith("python -m helpers")])  # fmt: skip
def test_commands_are_accepted(line: str):
    words = line.partition(" > ")[0].split()[3:]
    options, rest = commands._parser().parse_known_args(words)
    assert rest == [] and options.run


def test_targets_exist():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = {line.split()[1] for line in typed(PAGES["en"].read_text("utf-8"))
            if line.startswith("make ")}  # fmt: skip
    assert used and used <= targets


@pytest.mark.parametrize("language", ["en", "zh"])
def test_errors_in_its_table_are_those_that_people_see(language: str):
    page = PAGES[language].read_text("utf-8")
    first, other, damaged = ("kit.python.what", "kit.damaged.what", "engine.none_found.what")
    with messages.speaking(language):
        for key in (first, other, damaged):
            words = re.split(r"\{\w+\}", messages.catalogue()[key][language])[0]
            assert words.strip(" :：。.") in page, key
