"""The page asked through its one address, to see how many copies of it answer."""

from __future__ import annotations

import contextlib
import http.client
import urllib.error
import urllib.request

from ..engine.patience import until
from ..errors import TimedOut
from ..text import plain

__all__ = ["answering", "first_words"]

ASKED = 24  # requests, to see how many answer
KNOWN = 30.0  # seconds for the way in to know of all copies
REPLY = 10.0  # seconds for an answer


def answering(url: str, wanted: int, shown: str = "http://127.0.0.1:…/") -> int:
    """Ask until as many different copies have answered as there are, or time is up.

    Prints the request and the first words of the answer; returns how many different ones there
    were: each copy says its name.
    """
    found: set[str] = set()

    def look() -> bool:
        found.clear()
        found.update(said for _ in range(ASKED) if (said := _page(url)))
        return len(found) >= wanted

    with contextlib.suppress(TimedOut):  # fewer: the number tells
        until(look, KNOWN, "capstone.waiting_answers")
    print(f"$ curl {shown}")
    print(first_words(min(found)) if found else "–")
    return len(found)


def first_words(said: str) -> str:
    """Return what an answer begins with, without the name of who answered."""
    return plain(said).partition(" on ")[0].strip()[:80]


def _page(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=REPLY) as answer:
            return answer.read(10_000).decode(errors="replace")
    except (urllib.error.URLError, OSError, ValueError, http.client.HTTPException):
        return ""
