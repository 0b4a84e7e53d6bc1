"""Variables and quotes in a Dockerfile's words, as BuildKit's shell lexer reads them.

https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["assignments", "expand", "words"]

_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#]")
_BRACED = re.compile(r"([A-Za-z_]\w*|\d)(:?[-+?]|##?|%%?|//?|(?=\}))")


def expand(word: str, values: Mapping[str, str], escape: str = "\\") -> str:
    """Return a word with its variables replaced and its quotes taken off."""
    return _Reader(word, values, escape).until("")


class _Reader:
    """Goes through a word once; ``at`` is where it has come to."""

    def __init__(self, word: str, values: Mapping[str, str], escape: str) -> None:
        self.word, self.values, self.escape = word, values, escape
        self.at = 0

    def until(self, stop: str, *, raw: bool = False) -> str:
        """Return what is read up to a character, or to the end; ``raw`` leaves escapes there."""
        word, out, quote = self.word, [], ""
        while self.at < len(word):
            char = word[self.at]
            if quote != "'" and char == "$":
                out.append(self.variable())
                continue
            if not quote and stop and char == stop:
                break
            self.at += 1
            if quote == "'":
                if char == "'":
                    quote = ""
                else:
                    out.append(char)
            elif char == self.escape and self.at < len(word):
                follows = word[self.at]
                if raw or (quote and follows not in f'"${self.escape}'):
                    out.append(char)
                out.append(follows)
                self.at += 1
            elif char in "\"'" and (not quote or char == quote):
                quote = "" if quote else char
            else:
                out.append(char)
        return "".join(out)

    def variable(self) -> str:
        """Read from a ``$`` on; one that begins no variable stays."""
        start = self.at = self.at + 1
        if match := _NAME.match(self.word, start):
            self.at = match.end()
            return self.values.get(match[0], "")
        if self.word[start : start + 1] == "{" and (match := _BRACED.match(self.word, start + 1)):
            self.at = match.end()
            found = self.braced(match[1], match[2])
            if self.word[self.at : self.at + 1] == "}":
                self.at += 1
                return found
        self.at = start
        return "$"

    def braced(self, name: str, how: str) -> str:
        """Return what stands for ``${name…}``, read up to the brace that closes it."""
        value = self.values.get(name)
        if how[:1] == "/":
            pattern = self.until("/", raw=True)
            self.at += 1
            text, count = self.until("}"), 0 if how == "//" else 1
            return re.sub(self.pattern(pattern), lambda _: text, value or "", count=count)
        cut = how[:1] in ("#", "%") and how != ""
        other = self.until("}", raw=cut)
        if cut:
            return self.cut(value or "", other, how)
        there = value is not None and (value != "" or not how.startswith(":"))
        if how.endswith("+"):
            return other if there else ""
        return value or "" if there or not how.endswith("-") else other

    def cut(self, value: str, pattern: str, how: str) -> str:
        """Take off the begin (``#``) or end (``%``) that matches; a double sign: the longest."""
        expression = re.compile(self.pattern(pattern), re.DOTALL)
        lengths = range(len(value) + 1) if len(how) == 1 else range(len(value), -1, -1)
        for length in lengths:
            keep = len(value) - length
            if expression.fullmatch(value[:length] if how[0] == "#" else value[keep:]):
                return value[length:] if how[0] == "#" else value[:keep]
        return value

    def pattern(self, pattern: str) -> str:
        """Return a shell's pattern as an expression: ``*``, ``?`` and escapes."""
        parts = re.findall(rf"{re.escape(self.escape)}.|.", pattern, re.DOTALL)
        signs = {"*": "(?s:.*)", "?": "(?s:.)"}
        return "".join(
            signs.get(one) or re.escape(one[1:] if len(one) == 2 else one) for one in parts
        )


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


def assignments(rest: str, values: Mapping[str, str], escape: str = "\\") -> list[tuple[str, str]]:
    """Return the pairs of ``ENV a=b c="d e"``, of ``ENV a b``, and of LABEL likewise."""
    parts = words(rest, keep_quotes=True, escape=escape)
    if parts and "=" not in parts[0]:
        name, _, value = rest.strip().partition(" ")
        return [(expand(name, values, escape), expand(value.strip(), values, escape))]
    # one instruction's values do not see each other: https://docs.docker.com/reference/dockerfile/
    return [
        (expand(key, values, escape), expand(value, values, escape))
        for key, _, value in (part.partition("=") for part in parts)
    ]
