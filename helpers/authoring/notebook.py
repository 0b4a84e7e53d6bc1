"""From the source of a lesson to a notebook that has not been executed yet."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase

import nbformat
from markdown_it import MarkdownIt
from nbformat import NotebookNode, v4

from .. import messages
from .lesson import Lesson
from .model import Question, Term
from .source import Cell

EDITIONS = ("learner", "solution")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_inline = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True)
class Edition:
    """Which notebook of a lesson: its language folder, and for learners or with the solutions."""

    language: str  # "en" or "zh-CN"
    kind: str  # "learner" or "solution"

    def folder(self, notebooks: Path) -> Path:
        """Return the folder below ``notebooks`` that holds notebooks of this edition."""
        return (notebooks / "solutions" if self.kind == "solution" else notebooks) / self.language


def editions(languages: tuple[str, ...] = ()) -> list[Edition]:
    """Return every edition of a lesson, or those in some languages."""
    chosen = languages or tuple(messages.LANGUAGES)
    return [Edition(language, kind) for kind in EDITIONS for language in chosen]


def path(lesson: Lesson, edition: Edition, notebooks: Path) -> Path:
    """Return where the notebook of a lesson lies."""
    return edition.folder(notebooks) / f"{lesson.name}.ipynb"


def assemble(lesson: Lesson, edition: Edition) -> NotebookNode:
    """Make the notebook of a lesson: the same source gives the same bytes.

    The cells carry ids made from their content, their part and their tags; the notebook's metadata
    is the kernel, the language and which lesson and edition it is.
    """
    with messages.speaking(messages.LANGUAGES[edition.language]):
        cells = [_text(_header(lesson, edition))]
        terms = {part.id: _terms(lesson, part.id) for part in lesson.plan.parts}
        for cell in lesson.sources[edition.language].cells:
            if cell.kind == "code":
                cells.append(_code(cell, edition))
                continue
            cells.append(_text(cell.text, cell.part))
            if cell.first and terms[cell.part]:
                cells.append(_text(_glossary(terms[cell.part]), cell.part))
        cells += [_text(text) for text in (*_quiz(lesson.plan.quiz), _next(lesson))]
    _number(cells)
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        "layer_by_layer": {
            "lesson": lesson.plan.id,
            "language": edition.language,
            "edition": edition.kind,
        },
    }
    return nbformat.from_dict(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    )


def _text(text: str, part: str = "") -> NotebookNode:
    return v4.new_markdown_cell(text, metadata={"part": part} if part else {})


def _code(cell: Cell, edition: Edition) -> NotebookNode:
    tags, text = list(cell.tags), cell.text
    if "solution" in tags and edition.kind == "learner":
        tags[tags.index("solution")] = "exercise"
        text = starter(text)
    metadata = {"part": cell.part} | ({"tags": tags} if tags else {})
    metadata |= {"reason": cell.reason} if cell.reason else {}
    return v4.new_code_cell(text, metadata=metadata)


def starter(solution: str) -> str:
    """Return what a learner finds in place of a solution: its leading comment lines.

    A solution without any gives the catalogue's "write your code here".
    """
    comment = re.match(r"(?:[ \t]*#[^\n]*(?:\n|$))*", solution)
    kept = comment.group().rstrip() if comment else ""
    return kept or f"# {messages.text('authoring.starter')}"


def _header(lesson: Lesson, edition: Edition) -> str:
    plan, speech = lesson.plan, messages.language()
    source = lesson.sources[edition.language]
    title = f"# {plan.id} · {plan.title[speech]}"
    if edition.kind == "solution":
        title = messages.text("authoring.solutions", title=title)
    rows = [f"| {source.title(part.id)} | {part.minutes} |" for part in plan.parts]
    return "\n".join(
        [
            title,
            "",
            plan.summary[speech],
            "",
            f"**{messages.text('authoring.objectives')}**",
            "",
            *(f"- {one[speech]}" for one in plan.objectives),
            "",
            f"**{messages.text('authoring.time', minutes=plan.minutes)}**",
            "",
            f"| {messages.text('authoring.part')} | {messages.text('authoring.minutes')} |",
            "|:--|--:|",
            *rows,
        ]
    )


def _terms(lesson: Lesson, part: str) -> list[Term]:
    return [term for term in lesson.plan.glossary if term.part == part]


def _glossary(terms: list[Term]) -> str:
    speech = messages.language()
    lines = [
        messages.text("authoring.term", term=one.term[speech], definition=one.definition[speech])
        for one in terms
    ]
    # The blank lines inside <div> are what lets markdown in it be rendered.
    head = f'<div class="alert alert-block alert-info">\n\n**{messages.text("authoring.words")}**\n'
    return "\n".join([head, *(f"- {line}" for line in lines), "", "</div>"])


def _quiz(questions: tuple[Question, ...]) -> list[str]:
    head = f"## {messages.text('authoring.quiz')}\n\n{messages.text('authoring.quiz_how')}"
    return [head, *(_question(number, one) for number, one in enumerate(questions, start=1))]


def _question(number: int, question: Question) -> str:
    speech = messages.language()
    lines = [f"**{number}.** {question.question[speech]}"]
    for letter, choice in zip(ascii_uppercase, question.choices, strict=False):
        verdict = messages.text(f"authoring.{'right' if choice.right else 'wrong'}")
        # Markdown is not rendered inside <summary>.
        text = _inline.renderInline(choice.text[speech])
        lines += [
            "",
            f"<details><summary>{letter}. {text}</summary>",
            "",
            f"{verdict} {choice.reason[speech]}",
            "",
            "</details>",
        ]
    return "\n".join(lines)


def _next(lesson: Lesson) -> str:
    return f"## {messages.text('authoring.next')}\n\n{lesson.plan.next[messages.language()]}"


def _number(cells: list[NotebookNode]) -> None:
    """Give each cell an id made from its content; equal cells are told apart by their order."""
    seen: Counter[str] = Counter()
    for cell in cells:
        content = f"{cell.cell_type}\0{cell.metadata.get('part', '')}\0{cell.source}"
        seen[content] += 1
        digest = hashlib.sha256(f"{content}\0{seen[content]}".encode())
        cell["id"] = digest.hexdigest()[:12]
