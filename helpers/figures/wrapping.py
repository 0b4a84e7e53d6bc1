"""Text broken into lines that fit a width, in English and in Chinese."""

from __future__ import annotations

import unicodedata

from . import style
from .canvas import ELLIPSIS, fit, measure

LONGEST = 2000  # characters that are looked at


def wrapped(value: str, width: float, size: float, mono: bool = False, most: int = 3) -> list[str]:
    """Return untrusted text as at most ``most`` lines of ``width`` inches each.

    A line is broken at a space or beside a Chinese character; a word that is wider than the line is
    broken where it must be. What does not fit ends in an ellipsis.
    """
    rest = style.drawable(value)[:LONGEST]
    lines: list[str] = []
    while rest:
        if measure(rest, size, mono) <= width:
            return [*lines, rest]
        if len(lines) == most - 1:
            return [*lines, _shortened(rest, width, size, mono)]
        cut = _cut(rest, width, size, mono)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return lines or [""]


def _shortened(rest: str, width: float, size: float, mono: bool) -> str:
    return fit(rest, width, size, mono) or ELLIPSIS


def _cut(value: str, width: float, size: float, mono: bool) -> int:
    """Return after how many characters the first line ends."""
    low, high = 1, len(value)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(value[:middle].rstrip(), size, mono) <= width:
            low = middle
        else:
            high = middle - 1
    for place in range(low, max(1, low // 2), -1):  # a shorter line would waste half of it
        if _may_break(value[place - 1], value[place : place + 1]):
            return place
    return low


def _may_break(before: str, after: str) -> bool:
    if before == " " or after == " ":
        return True
    if after in "，。、；：！？）》”’%" and after:  # never at the begin of a line
        return False
    return before not in "（《“‘" and any(
        c and unicodedata.east_asian_width(c) in "WF" for c in (before, after)
    )
