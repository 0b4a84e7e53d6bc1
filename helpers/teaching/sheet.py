"""The summary sheet of a lesson: one page of A4 as an HTML file that needs nothing else.

What learners can do now, the figure that sums the lesson up, its words, and the commands it showed.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from markdown_it import MarkdownIt
from nbformat import NotebookNode

from .. import paths
from ..authoring.lesson import Lesson
from ..messages import LANGUAGES, language, speaking, text
from . import commands
from .course import Course, figures, stored

__all__ = ["FOLDER", "sheet", "write"]

FOLDER = paths.ROOT / "build" / "sheets"
_markdown = MarkdownIt("commonmark", {"html": False})


def write(course: Course, edition: str, folder: Path = FOLDER) -> list[Path]:
    """Write the sheets of all lessons in ``edition`` (``"en"``, ``"zh-CN"``); return the paths."""
    made = []
    for lesson in course.lessons.values():
        path = paths.writable(folder) / f"{lesson.name}.{edition}.html"
        path.write_text(sheet(lesson, edition, stored(lesson, edition)), "utf-8")
        made.append(path)
    return made


def sheet(lesson: Lesson, edition: str, notebook: NotebookNode) -> str:
    """Return the sheet of a lesson as HTML; a script in it makes all of it fit on one page.

    Parameters
    ----------
    notebook: its executed notebook in that edition.
    """
    with speaking(LANGUAGES[edition]):
        plan, speech = lesson.plan, language()
        title = text("teaching.sheet.title", id=plan.id, title=plan.title[speech])
        aims = "".join(f"<li>{_inline(one[speech])}</li>" for one in plan.objectives)
        words = "".join(
            _entry(escape(one.term[speech]), _inline(one.definition[speech]))
            for one in plan.glossary
        )
        seen = commands.shown(notebook)
        rows = "".join(
            _entry(f"<code>{escape(one)}</code>", _inline(commands.meaning(one))) for one in seen
        )
        blocks = [
            f"<h1>{escape(title)}</h1>",
            f"<p>{_inline(plan.summary[speech])}</p>",
            f"<h2>{text('teaching.sheet.afterwards')}</h2><ul>{aims}</ul>",
            _figure(lesson, notebook),
            f'<div class="columns"><section><h2>{text("teaching.sheet.words")}</h2>'
            f"<dl>{words}</dl></section>",
        ]
        if rows:
            head = text("teaching.sheet.commands")
            blocks.append(f'<section class="commands"><h2>{head}</h2><dl>{rows}</dl></section>')
        blocks.append(f"</div><footer>{text('teaching.sheet.course', id=plan.id)}</footer>")
    return (
        f'<!DOCTYPE html>\n<html lang="{edition}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_file('sheet.css')}</style>\n</head>\n<body>\n"
        + "\n".join(block for block in blocks if block)
        + f"\n<script>\n{_file('sheet.js')}</script>\n</body>\n</html>\n"
    )


def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _entry(term: str, meaning: str) -> str:
    return f"<div><dt>{term}</dt><dd>{meaning}</dd></div>"


def _inline(markdown: str) -> str:
    return _markdown.renderInline(markdown)


def _figure(lesson: Lesson, notebook: NotebookNode) -> str:
    """The picture without the fold that holds its words: paper cannot be unfolded."""
    drawn = figures(notebook).get(lesson.plan.teaching.figure, [])
    if not drawn:
        return ""
    found = re.search(r"<img [^>]*>", drawn[-1])
    return re.sub(r' width="\d+"', "", found[0]) if found else ""
