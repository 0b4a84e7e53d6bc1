"""Whether each glossary term is explained in the part of the text that uses it first."""

from __future__ import annotations

import re

from .. import messages
from .lesson import Lesson


def problems(lesson: Lesson) -> list[str]:
    """Return the terms that the text does not use, or uses before the part that explains them.

    A term may give the original in brackets, as ``镜像层（layer）``: one of the two must be used.
    English terms are looked for as whole words, with or without a plural s.
    """
    found = []
    for language, text in lesson.sources.items():
        speech = messages.LANGUAGES[language]
        for term in lesson.plan.glossary:
            pattern = _pattern(term.term[speech], words=speech == "en")
            parts = [c.part for c in text.cells if c.kind == "text" and pattern.search(c.text)]
            where = f"{lesson.name}/lesson.toml: glossary: {term.term[speech]!r}"
            if term.part not in parts:
                found.append(f"{where} is not used in part {term.part!r} of {text.name}")
            elif parts[0] != term.part:
                found.append(f"{where}: {text.name} uses it before, in part {parts[0]!r}")
    return found


def _pattern(term: str, words: bool) -> re.Pattern[str]:
    names = [re.escape(name.strip()) for name in re.split(r"[（）()]", term) if name.strip()]
    one = "|".join(names)
    return re.compile(rf"\b(?:{one})s?\b" if words else one, re.IGNORECASE)
