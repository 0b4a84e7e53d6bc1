"""What of a part's text a slide can show: its first table, in pieces, or its first list, in short.

A part says more than the back row can read: of a list, each item's bold beginning and its first
sentence are left, and of a long sentence the clauses that fit in one line and a bit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import east_asian_width

__all__ = ["items", "tables", "width"]

ROWS = 9  # of a table; a longer one goes on on the next slide
COLUMNS = 92  # of an item; a Chinese character takes two
FEWEST = 3  # items: shorter lists are asides
_ITEM = re.compile(r"(?:[*-]|\d+\.) +")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_ENDS = (re.compile(r"[;:] | \(|[；：（]"), re.compile(r", |，"))  # of clauses, the clearer first


def width(line: str) -> int:
    """Columns of a line: a Chinese character takes two (in most fonts a little less)."""
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in line)


def tables(texts: Iterable[str]) -> list[str]:
    """Return the first table of a text in pieces of at most `ROWS`, each with the head.

    It is cut, near an even share, before a row whose first cell is not empty: such a row begins a
    group.
    """
    block = _first(texts, lambda block: block.startswith("|"))
    if not block:
        return []
    lines = re.sub(" (?=[¹²³])", "\N{NO-BREAK SPACE}", block).splitlines()
    head, rows = lines[:2], lines[2:]
    pieces = []
    for left in range(-(-len(rows) // ROWS), 0, -1):
        even = -(-len(rows) // left)
        starts = [n for n in range(1, min(ROWS, len(rows)) + 1)
                  if n == len(rows) or rows[n].split("|")[1].strip()]  # fmt: skip
        end = len(rows) if left == 1 else min(starts or [even], key=lambda n: abs(n - even))
        pieces.append("\n".join([*head, *rows[:end]]))
        rows = rows[end:]
    return [one for one in pieces if one.count("\n") > 1]


def items(texts: Iterable[str]) -> list[str]:
    """Return the items of the first list of a text, shortened; none, if it has no list."""
    block = _first(texts, lambda block: bool(_ITEM.match(block)))
    lines = [re.sub(r"\s+", " ", one) for one in re.split(r"\n(?=(?:[*-]|\d+\.) )", block) if one]
    if len(lines) < FEWEST:
        return []
    return [_short(_LINK.sub(r"\1", _ITEM.sub("", one, 1))).rstrip(".。") for one in lines]


def _first(texts: Iterable[str], wanted) -> str:
    blocks = (
        block.strip() for one in texts if not one.startswith("<") for block in one.split("\n\n")
    )
    return next((block for block in blocks if wanted(block)), "")


def _short(item: str) -> str:
    found = re.match(r"\*\*.+?\*\*[，,：:]? *", item)
    head = found[0] if found else ""
    rest = re.split(r"(?<=\.) |(?<=。)", item[len(head) :], maxsplit=1)[0]
    if width(rest) <= COLUMNS:
        return head + rest
    for ends in _ENDS:
        clauses = [rest[: one.start()] for one in ends.finditer(rest)]
        if whole := [one for one in clauses if width(one) <= COLUMNS and _closed(one)]:
            return head + whole[-1]
    return head.rstrip(" ，,：:") or rest


def _closed(words: str) -> bool:
    pairs = words.count("(") == words.count(")") and words.count("（") == words.count("）")
    return pairs and words.count("**") % 2 == 0 and words.count("`") % 2 == 0
