"""A class as a page for the instructor's browser: complete without a script, and kept fresh by one.

The page asks nothing from elsewhere, and its policy lets it ask nobody but this server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .. import messages
from ..messages import text
from ..text import escape
from .code import Code
from .model import Overview
from .telling import Row, Spot, Told, tell

__all__ = ["FILES", "POLICY", "Choice", "part", "read", "whole"]

FILES = {"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8"}
POLICY = (
    "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TAGS = {code: tag for tag, code in messages.LANGUAGES.items()}


@dataclass(frozen=True)
class Choice:
    """What the instructor chose to see: a language, and whether names are shown."""

    language: str
    names: bool

    @classmethod
    def of(cls, language: str, names: str) -> Choice:
        """Return the choice that a query names; anything else is the default."""
        known = language in messages.LANGUAGES.values()
        return cls(language if known else messages.language(), names != "off")

    @property
    def query(self) -> str:
        """The query that names it."""
        return f"?language={self.language}&names={'on' if self.names else 'off'}"


def read(name: str) -> bytes:
    """Return one of `FILES`."""
    return (Path(__file__).parent / name).read_bytes()


def whole(overview: Overview, choice: Choice, codes: Iterable[Code] = ()) -> str:
    """Return the page; ``codes`` are what learners join with, for a projector."""
    with messages.speaking(choice.language):
        told = tell(overview, names=choice.names)
        other = "zh" if choice.language == "en" else "en"
        with messages.speaking(other):
            language = text("classview.this_language")
        languages = Choice(other, choice.names).query
        names = Choice(choice.language, not choice.names).query
        cells = [f"<pre>{escape(text('classview.join_cell', code=code))}</pre>" for code in codes]
        summary = f"<summary>{escape(text('classview.how_to_join'))}</summary>"
        opened = "" if overview.learners else " open"
        join = f'<details id="join"{opened}>{summary}{"".join(cells)}</details>' if cells else ""
        label = text(f"classview.names.{'hide' if choice.names else 'show'}")
        return f"""<!doctype html>
<html lang="{_TAGS[choice.language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(told.heading)}</title>
<link rel="stylesheet" href="page.css">
<link rel="icon" href="data:,">
<script src="page.js" defer></script>
<noscript><meta http-equiv="refresh" content="10"></noscript>
</head>
<body data-part="part{escape(choice.query)}">
<header>
<h1>{escape(told.heading)}</h1>
<nav>
<a id="names" href="{escape(names)}">{escape(label)}</a>
<a id="language" href="{escape(languages)}" lang="{_TAGS[other]}">{escape(language)}</a>
</nav>
<p id="summary" role="status">{escape(told.summary)}</p>
<p id="lost" role="alert" data-words="{escape(text("classview.lost"))}"></p>
{join}
</header>
<main>{_inner(told)}</main>
</body>
</html>
"""


def part(overview: Overview, choice: Choice) -> str:
    """Return what changes in it."""
    with messages.speaking(choice.language):
        return _inner(tell(overview, names=choice.names))


def _inner(told: Told) -> str:
    spots = "".join(map(_spot, told.spots))
    spots = spots or f"<p>{escape(text('classview.nobody'))}</p>"
    return (
        f'<div id="told" data-summary="{escape(told.summary)}">'
        f'<section id="stuck"><h2>{escape(text("classview.stuck"))}</h2>{spots}</section>'
        f'<section id="exercises"><h2>{escape(text("classview.exercises"))}</h2>'
        f"{_table('classview.exercises', told.exercise_head, told.exercises)}</section>"
        f'<section id="learners"><h2>{escape(text("classview.learners"))}</h2>'
        f"{_table('classview.learners', told.learner_head, told.learners)}</section></div>"
    )


def _spot(spot: Spot) -> str:
    members = "".join(f"<li>{escape(member)}</li>" for member in spot.members)
    hints = "".join(f"<li>{escape(hint)}</li>" for hint in spot.hints)
    key = escape(spot.key)
    shown = (
        f'<details data-key="{key}"><summary>{escape(text("classview.hints"))}</summary>'
        f"<ol>{hints}</ol></details>"
    )
    return (
        f"<article><h3>✗ {escape(spot.exercise)}</h3>"
        f"<p><strong>{escape(spot.count)}</strong></p><p>{escape(spot.words)}</p>"
        f'<ul class="members">{members}</ul>{shown if hints else ""}</article>'
    )


def _table(label: str, head: tuple[str, ...], rows: tuple[Row, ...]) -> str:
    if not rows:
        return f"<p>{escape(text('classview.nothing'))}</p>"
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(_row(row) for row in rows)
    return (
        f'<table aria-label="{escape(text(label))}"><thead><tr>{top}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(row: Row) -> str:
    first, *others = row.cells
    cells = "".join(f"<td>{_cell(cell)}</td>" for cell in others)
    kind = ' class="waiting"' if row.waiting else ""
    return f'<tr{kind}><th scope="row">{escape(first)}</th>{cells}</tr>'


def _cell(words: str) -> str:
    """Return a cell whose bar is not read aloud: the numbers behind it say the same."""
    return re.sub("([█░]+)", r'<span aria-hidden="true">\1</span>', escape(words))
