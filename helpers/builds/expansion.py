"""Variables and quotes in a Dockerfile's words, as BuildKit's shell lexer reads them.

https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["assignments", "expand", "words"]

_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#]")
_BRACED = re.compile(r"\{([A-Za-z_]\w*|\d)(?:(:?[-+?])((?:[^{}]|\{[^{}]*\})*))?\}")


def expand(word: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """Return a word with its variables replaced and its quotes taken off."""
    out: list[str] = []
    at, quote = 0, ""
    while at < len(word):
        char = word[at]
        if quote == "'":
            if char == "'":
                quote = ""
            else:
                out.append(char)
        elif char == escape and at + 1 < len(word):
            follows = word[at + 1]
            if quote == '"' and follows not in f'"${escape}':
                out.append(char)
            out.append(follows)
            at += 1
        elif char in "\"'" and (not quote or char == quote):
            quote = "" if quote else char
        elif char == "$":
            value, at = _variable(word, at, values, escape)
            out.append(value)
            continue
        else:
            out.append(char)
        at += 1
    return "".join(out)


def _variable(word: str, at: int, values: Mapping[str, str], escape: str) -> tuple[str, int]:
    if match := _BRACED.match(word, at + 1):
        name, how, other = match[1], match[2] or "", match[3] or ""
        value = values.get(name)
        there = value is not None and (value != "" or not how.startswith(":"))
        if how.endswith("-"):
            value = value if there else expand(other, values, escape)
        elif how.endswith("+"):
            value = expand(other, values, escape) if there else ""
        return value or "", match.end()
    if match := _NAME.match(word, at + 1):
        return values.get(match[0], ""), match.end()
    return "$", at + 1


def words(text: str, *, keep_quotes: bool = False, escape: str = "\\") -> list[str]:
    """Split at blanks outside of quotes.

    Parameters
    ----------
    keep_quotes: leave quotes and escapes in the words, for `expand` to read.
    """
    found: list[str] = []
    word: list[str] = []
    quote, at = "", 0
    while at < len(text):
        char = text[at]
        if char == escape and quote != "'" and at + 1 < len(text):
            word += [char, text[at + 1]]
            at += 1
        elif quote:
            word.append(char)
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
            word.append(char)
        elif char.isspace():
            if word:
                found.append("".join(word))
            word = []
        else:
            word.append(char)
        at += 1
    if word:
        found.append("".join(word))
    return found if keep_quotes else [expand(one, {}, escape) for one in found]


def assignments(rest: str, values: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the pairs of ``ENV a=b c="d e"``, of ``ENV a b``, and of LABEL likewise."""
    parts = words(rest, keep_quotes=True)
    if parts and "=" not in parts[0]:
        name, _, value = rest.strip().partition(" ")
        return [(expand(name, values), expand(value.strip(), values))]
    # one instruction's values do not see each other: https://docs.docker.com/reference/dockerfile/
    return [
        (expand(key, values), expand(value, values))
        for key, _, value in (part.partition("=") for part in parts)
    ]
