"""The rules of ``sanitize.cfg``: what varies in an output is neither compared nor stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .. import paths

FILE = paths.ROOT / "sanitize.cfg"
# Stored all the same: without them there is no picture to see.
KEPT = "pixels of figures"


@dataclass(frozen=True)
class Rule:
    """A name, what it finds and what stands there instead."""

    name: str
    pattern: re.Pattern[str]
    replacement: str


@cache
def rules(file: Path = FILE) -> tuple[Rule, ...]:
    """Return the rules in order. A rule is ``[name]``, ``regex: …`` and ``replace: …``."""
    found = re.findall(
        r"^\[(.+)\]\nregex: (.*)\nreplace: (.*)$", file.read_text("utf-8"), re.MULTILINE
    )
    return tuple(Rule(name, re.compile(regex), new) for name, regex, new in found)


def stable(text: str) -> str:
    """Return an output as it is stored: the same after every build."""
    for rule in rules():
        if rule.name != KEPT:
            text = rule.pattern.sub(rule.replacement, text)
    return text
