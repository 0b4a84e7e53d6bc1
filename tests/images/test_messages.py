"""Every error that reading an image can raise has its words, in both languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from helpers import messages
from helpers.errors import BadArchive

HELPERS = Path(messages.__file__).parent.parent
NAMES = ("name", "near", "reason", "path", "limit", "size", "kind", "digest")
MORE = ("count", "tags", "tag", "platform", "platforms")
VALUES = dict.fromkeys(NAMES + MORE, 1)


def used() -> set[str]:
    sources = (path.read_text("utf-8") for path in (HELPERS / "images").glob("*.py"))
    return {key for source in sources for key in re.findall(r'"images\.([a-z_]+)"', source)}


def test_each_error_says_what_why_and_what_next_in_both_languages() -> None:
    assert len(used()) > 10
    for key in used():
        for language in ("en", "zh"):
            with messages.speaking(language):
                told = str(BadArchive(f"images.{key}", **VALUES))
                assert told.count("\n") == 2, key
                assert "{" not in told, key


def test_no_message_is_left_over() -> None:
    catalogue = tomllib.loads((HELPERS / "messages/images.toml").read_text("utf-8"))
    assert {key for key, table in catalogue.items() if "what" in table} == used()
