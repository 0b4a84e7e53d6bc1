"""How a rule says what is wrong, and where rules are kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["NOBODY", "RULES", "Problem", "Rule", "half_width", "rule", "too_long", "wrong"]


@dataclass(frozen=True)
class Problem:
    """What is wrong: the key of a message below ``account.wrong``, and what it mentions."""

    key: str
    details: Mapping[str, object] = field(default_factory=dict)


Rule = Callable[[str, Mapping[str, str]], Problem | None]
RULES: dict[str, Rule] = {}  # field → what looks at its value, and at the other fields

# Numbers that nobody can have, for the rehearsal: no mobile begins with 10, no division has the
# code 00. The form takes them beside those that its rules allow.
NOBODY = {"mobile": "10000000000", "phone": "100-00000000", "division": "00"}
FULL_WIDTH = re.compile("[\uff01-\uff5e\u3000]")


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Keep a function as the rule of some fields; it is not asked about an empty one."""

    def keep(function: Rule) -> Rule:
        def ruled(value: str, others: Mapping[str, str]) -> Problem | None:
            return Problem("empty") if not value else function(value, others)

        RULES.update(dict.fromkeys(names, ruled))
        return function

    return keep


def wrong(key: str, **details: object) -> Problem:
    """Return a problem; the details never hold what was typed."""
    return Problem(key, details)


def half_width(value: str) -> Problem | None:
    """Letters and digits that a Chinese input method made as wide as characters are a slip."""
    return wrong("full_width") if FULL_WIDTH.search(value) else None


def too_long(value: str, most: int) -> Problem | None:
    return wrong("long", count=len(value), most=most) if len(value) > most else None
