"""What stands on each slide of a lesson: decided by the tags of its plan, taken from its notebook.

A part tagged ``slide`` gets a slide: its heading, what its plan says that it shows, and its first
figure; a tall one, in bands if need be, and further ones follow on slides of their own. A part
without a figure shows the cell that its plan names with its output, else the first table of its
text, else its first list, else its new words. A part tagged ``fragment`` adds its sentence to the
slide before; one tagged ``skip`` adds nothing.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from string import ascii_uppercase

from markdown_it import MarkdownIt
from nbformat import NotebookNode

from ..authoring.fields import LessonError
from ..authoring.lesson import Lesson
from ..authoring.model import Part
from ..messages import LANGUAGES, language, speaking, text
from ..teaching.course import figures
from . import excerpts
from .bands import Picture, cut, picture

__all__ = ["Choice", "Slide", "deck"]

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
ROWS = 8  # of a table below its code
LARGE = 0.8  # the smallest scale at which a figure stands below its lead
BELOW_LEAD = 558  # pixels of a slide that a figure has below a heading and a lead of one line


@dataclass(frozen=True)
class Choice:
    """An answer of the quiz; ``right`` is shown with the next step."""

    text: str
    right: bool


@dataclass
class Slide:
    """One slide; text is Markdown. ``added`` and the marks of right choices come a step later."""

    kind: str  # "title", "aims", "part", "figure", "quiz"
    title: str
    lead: str = ""
    points: list[str] = field(default_factory=list)
    picture: Picture | None = None
    code: str = ""
    output: str = ""
    table: str = ""  # HTML, made by the course
    added: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    note: str = ""


def deck(lesson: Lesson, edition: str, notebook: NotebookNode) -> list[Slide]:
    """Return the slides of a lesson.

    Parameters
    ----------
    edition: ``"en"`` or ``"zh-CN"``.
    notebook: the executed notebook of that edition.
    """
    with speaking(LANGUAGES[edition]):
        plan, speech = lesson.plan, language()
        first = f"{plan.id} · {plan.title[speech]}"
        slides = [Slide("title", first, plan.summary[speech], note=text("slides.keys"))]
        aims = [one[speech] for one in plan.objectives]
        slides.append(Slide("aims", text("authoring.objectives"), points=aims))
        drawn = figures(notebook)
        for part in plan.parts:
            if part.slide == "slide":
                title = lesson.sources[edition].title(part.id)
                slides += _part(lesson, part, title, drawn.get(part.id, []), notebook)
            elif part.slide == "fragment" and part.shows:
                title = lesson.sources[edition].title(part.id)
                slides += _fragment(slides[-1], part.shows[speech], title, _note(lesson, part))
        slides += _quiz(lesson)
    return slides


def _part(
    lesson: Lesson, part: Part, title: str, drawn: list[str], notebook: NotebookNode
) -> list[Slide]:
    note, lead = _note(lesson, part), part.shows[language()] if part.shows else ""
    first = Slide("part", title, lead, note=note)
    slides = [first]
    for number, html in enumerate(drawn):
        whole = picture(html)
        if number == 0 and whole.height * LARGE <= BELOW_LEAD:
            first.picture = whole
        else:  # a tall figure would be small below its lead: the lead alone puts the question
            slides += _bands(title, cut(whole), note)
    return slides if drawn else _without_figure(first, lesson, part, notebook)


def _bands(title: str, bands: list[Picture], note: str) -> list[Slide]:
    titles = _numbered(title, len(bands))
    return [
        Slide("figure", one, picture=band, note=note)
        for one, band in zip(titles, bands, strict=True)
    ]


def _numbered(title: str, count: int) -> list[str]:
    """Return a heading for each piece of something; where there are several, it says which."""
    if count == 1:
        return [title]
    return [text("slides.band", title=title, number=n, count=count) for n in range(1, count + 1)]


def _fragment(last: Slide, shows: str, title: str, note: str) -> list[Slide]:
    """Add a sentence to the last slide, unless its figure would become too small to be read."""
    if last.picture and last.picture.height * LARGE > BELOW_LEAD:
        return [Slide("part", title, shows, note=note)]
    last.added.append(shows)
    last.note += f"\n\n{note}"
    return []


def _without_figure(
    slide: Slide, lesson: Lesson, part: Part, notebook: NotebookNode
) -> list[Slide]:
    texts = [cell.source for cell in _cells(part, notebook, "markdown")]
    if part.cell:
        slide.code, slide.output, slide.table = _cell(part, notebook)
    elif tables := [_markdown.render(one) for one in excerpts.tables(texts)]:
        titles = _numbered(slide.title, len(tables))
        slides = [Slide("figure", one, note=slide.note) for one in titles]
        slides[0] = replace(slide, title=titles[0])
        for one, table in zip(slides, tables, strict=True):
            one.table = table
        return slides
    else:
        speech = language()
        slide.points = excerpts.items(texts) or [
            text("authoring.term", term=one.term[speech], definition=one.definition[speech])
            for one in lesson.plan.glossary
            if one.part == part.id
        ]
    return [slide]


def _note(lesson: Lesson, part: Part) -> str:
    speech = language()
    lines = [part.note[speech]]
    for one in lesson.plan.teaching.misconceptions:
        if one.part == part.id:
            words = {"claim": one.claim[speech], "answer": one.answer[speech]}
            lines.append(text("teaching.misconception", **words).removeprefix("- "))
    return "\n\n".join(lines)


def _cells(part: Part, notebook: NotebookNode, kind: str) -> list[NotebookNode]:
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == kind and cell.metadata.get("part") == part.id
    ]


def _cell(part: Part, notebook: NotebookNode) -> tuple[str, str, str]:
    """Return the code of the cell that the plan names, its output as text, or as a table."""
    code = _cells(part, notebook, "code")
    if part.cell > len(code):
        raise LessonError([f"part {part.id!r} has no code cell {part.cell}"])
    cell = code[part.cell - 1]
    source = _without_imports(cell.source)
    shown = []
    for output in cell.outputs:
        html = output.get("data", {}).get("text/html", "")
        if html.startswith("<table"):
            return source, "", _shorter(html)
        if output.output_type == "error":
            shown.append(f"{output.ename}: {output.evalue}")
        else:
            shown.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return source, "\n".join(one.rstrip("\n") for one in shown), ""


def _without_imports(source: str) -> str:
    """Return code without the imports that it begins with: they take lines, and say nothing."""
    last = 0
    for one in ast.parse(source).body:
        if not isinstance(one, ast.Import | ast.ImportFrom):
            break
        last = one.end_lineno
    return "\n".join(source.splitlines()[last:]).strip("\n") or source


def _shorter(table: str) -> str:
    """Return an HTML table with as many of its rows as can be read on a slide, and a mark."""
    rows = table.split("</tr>")
    if len(rows) <= ROWS + 1:
        return table
    return "</tr>".join(rows[:ROWS]) + "</tr><tr><td>…</td></tr></tbody></table>"


def _quiz(lesson: Lesson) -> list[Slide]:
    speech = language()
    slides = []
    for number, one in enumerate(lesson.plan.quiz, start=1):
        choices = [Choice(choice.text[speech], choice.right) for choice in one.choices]
        reasons = [
            f"{'✓' if choice.right else '✗'} {letter}. {choice.reason[speech]}"
            for letter, choice in zip(ascii_uppercase, one.choices, strict=False)
        ]
        title = text("slides.quiz", number=number, count=len(lesson.plan.quiz))
        slide = Slide("quiz", title, one.question[speech], choices=choices)
        slide.added = [choice.reason[speech] for choice in one.choices if choice.right]
        slide.note = "\n\n".join(reasons)
        slides.append(slide)
    return slides
