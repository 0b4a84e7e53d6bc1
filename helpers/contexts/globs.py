"""Go's ``filepath.Match``, which decides what the pattern of a COPY takes.

https://pkg.go.dev/path/filepath#Match: ``*`` and ``?`` stop at ``/``; ``[a-z]``, ``[^a-z]``; a
backslash takes the next character as it is. A pattern that breaks the rules is an error there.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache

__all__ = ["BadPattern", "clean", "matcher", "wild"]


class BadPattern(ValueError):
    """The pattern breaks the rules of Go's ``filepath.Match``."""


def clean(path: str) -> str:
    """Return a path as Go's ``filepath.Clean`` does: the shortest that means the same."""
    short = posixpath.normpath(path)
    return short[1:] if short.startswith("//") else short


def wild(pattern: str) -> bool:
    """Whether the pattern holds a ``*``, ``?`` or ``[`` that no backslash takes away."""
    return re.search(r"[*?[]", re.sub(r"\\.", "", pattern, flags=re.DOTALL)) is not None


@lru_cache(maxsize=256)
def matcher(pattern: str) -> re.Pattern[str]:
    """Return a regular expression for ``fullmatch`` that takes what the pattern takes.

    Raises
    ------
    BadPattern
    """
    parts, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            parts.append("[^/]*")
        elif char == "?":
            parts.append("[^/]")
        elif char == "[":
            part, at = _class(pattern, at)
            parts.append(part)
        else:
            if char == "\\":
                char, at = _one(pattern, at - 1)
            parts.append(re.escape(char))
    return re.compile("".join(parts), re.DOTALL)


def _class(pattern: str, at: int) -> tuple[str, int]:
    """Read a character class that begins at ``at``; return its expression, and where it ends."""
    negated = pattern[at : at + 1] == "^"
    at += negated
    ranges = []
    while not (ranges and pattern[at : at + 1] == "]"):
        if pattern[at : at + 1] in ("-", "]"):
            raise BadPattern(pattern)
        low, at = _one(pattern, at)
        high = low
        if pattern[at : at + 1] == "-":
            if pattern[at + 1 : at + 2] in ("-", "]"):
                raise BadPattern(pattern)
            high, at = _one(pattern, at + 1)
        ranges.append((low, high))
    inside = "".join(f"{re.escape(a)}-{re.escape(b)}" for a, b in ranges if a <= b)
    if not inside:  # only ranges that hold nothing, such as [z-a]
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{inside}]", at + 1


def _one(pattern: str, at: int) -> tuple[str, int]:
    """Return the character at ``at``, a backslash before it taken off, and where the next is."""
    at += pattern[at : at + 1] == "\\"
    if at >= len(pattern):
        raise BadPattern(pattern)
    return pattern[at], at + 1
