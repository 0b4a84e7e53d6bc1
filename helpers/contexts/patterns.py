"""A pattern of an ignore file as a regular expression, as github.com/moby/patternmatcher makes it.

It goes through the pattern character by character and hands most of them on, so what the expression
means decides, oddities included: ``[*]`` is no class of one character.
"""

from __future__ import annotations

import re
import warnings

__all__ = ["compiled", "expression"]

# Classes with a name: Go's expressions know them, Python's do not. https://pkg.go.dev/regexp/syntax
POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "digit": "0-9", "lower": "a-z", "upper": "A-Z",
    "punct": r"!-/:-@\[-`{-~", "space": r"\t\n\v\f\r ", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip


def expression(pattern: str) -> str:
    """Return the expression for ``fullmatch`` that a cleaned pattern stands for."""
    if not re.search(r"[*?\[\]\\]", pattern):
        return re.escape(pattern)
    plain = not re.search(r"[*?\[\]\\]", pattern.removeprefix("**").removesuffix("**"))
    if pattern.startswith("**") and plain and not pattern[2:].endswith("**"):
        rest = pattern[2:]
        return f"(?s:.*){re.escape(rest)}" + (f"|{re.escape(rest[1:])}" if rest[:1] == "/" else "")
    if pattern.endswith("**") and plain and not pattern.startswith("**"):
        return f"{re.escape(pattern[:-2])}(?s:.*)"
    return _general(pattern)


def _general(pattern: str) -> str:
    """Turn a pattern into an expression character by character, blind to where a class begins."""
    parts, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if pattern.startswith("**", at - 1):
            at += 1
            at += pattern.startswith("/", at)
            part = "(?:.*/)?" if at < len(pattern) else ".*"
            if parts[-1:] != [part]:  # twice the same says nothing new, and takes long to refuse
                parts.append(part)
        elif char in "*?":
            parts.append("[^/]*" if char == "*" else "[^/]")
        elif char == "\\":
            parts.append(_escaped(pattern[at : at + 1]))
            at += 1
        else:
            parts.append(f"\\{char}" if char in ".+()|{}$" else char)
    return re.sub(r"\[:(\w+):\]", _named, "".join(parts))


def _escaped(char: str) -> str:
    """A backslash is handed on to the expression, where some letters have a meaning."""
    if char == "z":
        return r"\Z"
    known = char.isascii() and (not char.isalnum() or char in "dDsSwWbBAaftnrv")
    if not known:
        raise re.error("invalid escape sequence")
    return f"\\{char}"


def _named(found: re.Match[str]) -> str:
    if found[1] not in POSIX:
        raise re.error("invalid character class")
    return POSIX[found[1]]


def compiled(expression: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # "[[": today's meaning is Go's as well
        return re.compile(expression, re.ASCII)
