"""The text of a lesson in one language: MyST markdown, read into cells by jupytext.

A text cell begins at a block break ``+++`` or after a code cell. ``+++ {"part": "stack"}`` starts a
part, ``+++ {"source": "1f2e…"}`` in a translation names the English text that it was made from.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from jupytext import myst

from .fields import LessonError

# Which file holds the source of which notebook folder.
FILES = {"en": "en.md", "zh-CN": "zh-CN.md"}
ORIGINAL = "en"

TAGS = {"solution", "raises-exception", "nbval-ignore-output"}


@dataclass(frozen=True)
class Cell:
    """One cell of the source.

    ``kind`` is ``"text"`` or ``"code"``; ``line`` is where it stands in the file (1-based);
    ``part`` is the part it belongs to and ``first`` whether it opens that part; ``tags`` and
    ``reason`` (for an output that is not compared) belong to code; ``source`` to translated text.
    """

    kind: str
    text: str
    line: int
    part: str
    first: bool = False
    tags: tuple[str, ...] = ()
    reason: str = ""
    source: str = ""

    @property
    def digest(self) -> str:
        """What a translation of this text carries as its ``source``."""
        return fingerprint(self.text)


@dataclass(frozen=True)
class Source:
    """All cells of one language, in order."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """The file as problems name it: folder and file."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts in the order of the text."""
        return tuple(cell.part for cell in self.cells if cell.first)

    def title(self, part: str) -> str:
        """Return the heading of a part: the first line of its first cell."""
        cell = next(cell for cell in self.cells if cell.first and cell.part == part)
        return cell.text.splitlines()[0].removeprefix("## ").strip()


def fingerprint(text: str) -> str:
    """Return 12 hexadecimal digits that change whenever a text does (white space at ends aside)."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def read(path: Path) -> Source:
    """Parse a lesson's text.

    Raises
    ------
    LessonError: a cell that is neither text nor code, text before the first part, a part that does
        not begin with its heading, unknown metadata or tags.
    """
    try:
        text = path.read_text("utf-8")
        notebook = myst.myst_to_notebook(text, add_source_map=True)
    except FileNotFoundError:
        raise LessonError([f"{path.parent.name}/{path.name}: is missing"]) from None
    except (UnicodeDecodeError, myst.MystMetadataParsingError) as error:
        raise LessonError([f"{path.parent.name}/{path.name}: {error}"]) from None
    problems: list[str] = []
    cells: list[Cell] = []
    part = ""
    lines = notebook.metadata["source_map"]
    for raw, line in zip(notebook.cells, lines, strict=True):
        where = f"{path.parent.name}/{path.name}:{line + 1}"
        metadata = dict(raw.metadata)
        first = raw.cell_type == "markdown" and "part" in metadata
        part = metadata.pop("part", part)
        cell = Cell(
            kind={"markdown": "text"}.get(raw.cell_type, raw.cell_type),
            text=raw.source,
            line=line + 1,
            part=part,
            first=first,
            tags=tuple(sorted(metadata.pop("tags", ()))),
            reason=str(metadata.pop("reason", "")),
            source=str(metadata.pop("source", "")),
        )
        problems += [f"{where}: {one}" for one in _mistakes(cell, metadata)]
        cells.append(cell)
    source = Source(path, tuple(cells))
    for name in sorted({name for name in source.parts if source.parts.count(name) > 1}):
        problems.append(f"{source.name}: part {name!r} begins twice")
    if not cells:
        problems.append(f"{source.name}: holds no cell")
    if problems:
        raise LessonError(problems)
    return source


def _mistakes(cell: Cell, unknown: dict) -> list[str]:
    found = [f"{name!r} is not a field of a {cell.kind} cell" for name in unknown]
    if not cell.part:
        found.append('stands before the first part: start one with +++ {"part": "…"}')
    if cell.first and not cell.text.startswith("## "):
        found.append(f"part {cell.part!r} must begin with its heading: ## …")
    if cell.kind not in ("text", "code"):
        found.append(f"a {cell.kind} cell: lessons hold text and code only")
    if cell.kind == "text" and cell.tags:
        found.append("a text cell has no tags")
    if cell.kind == "code" and cell.source:
        found.append("only text cells are stamped with their source")
    found += [f"tag {tag!r} is not one of {sorted(TAGS)}" for tag in cell.tags if tag not in TAGS]
    if "nbval-ignore-output" in cell.tags and not cell.reason.strip():
        found.append("an output that is not compared needs a reason: :reason: …")
    return found


def pairs(original: Source, translation: Source) -> list[tuple[Cell, Cell]]:
    """Return the cells of two languages side by side.

    Raises
    ------
    LessonError: the first place where the order of text and code differs.
    """
    for one, other in zip(original.cells, translation.cells, strict=False):
        if (one.kind, one.part, one.first) != (other.kind, other.part, other.first):
            raise LessonError(
                [
                    f"{translation.name}:{other.line}: {_place(other)}, but"
                    f" {original.name}:{one.line} has {_place(one)}"
                ]
            )
    longer, shorter = (
        (original, translation)
        if len(original.cells) > len(translation.cells)
        else (translation, original)
    )
    if len(longer.cells) > len(shorter.cells):
        cell = longer.cells[len(shorter.cells)]
        raise LessonError(
            [f"{longer.name}:{cell.line}: {_place(cell)} has no counterpart in {shorter.name}"]
        )
    return list(zip(original.cells, translation.cells, strict=True))


def _place(cell: Cell) -> str:
    return f"{'the first ' if cell.first else 'a '}{cell.kind} cell of part {cell.part!r}"


def stale(original: Source, translation: Source) -> list[tuple[Cell, Cell]]:
    """Return the text cells whose translation was not made from the English text of today."""
    return [
        (one, other)
        for one, other in pairs(original, translation)
        if one.kind == "text" and other.source != one.digest
    ]


def stamp(original: Source, translation: Source, lines: set[int] | None = None) -> list[Cell]:
    """Write into the translation's file that its stale cells are now up to date.

    Parameters
    ----------
    lines: stamp only the cells that begin at these lines of the translation; default: all stale.

    Returns the cells that were stamped, as they stood in the file before.
    """
    chosen = [
        (one, other)
        for one, other in stale(original, translation)
        if lines is None or other.line in lines
    ]
    text = translation.path.read_text("utf-8").split("\n")
    for one, other in reversed(chosen):  # from the end, so that earlier line numbers stay true
        metadata = {"part": other.part} if other.first else {}
        mark = "+++ " + json.dumps({**metadata, "source": one.digest}, ensure_ascii=False)
        before = other.line - 2
        if before >= 0 and re.match(r"\+\+\+(\s|$)", text[before]):
            text[before] = mark
        else:
            text[before + 1 : before + 1] = ["", mark]
    if chosen:
        translation.path.write_text("\n".join(text), "utf-8")
    return [other for _, other in chosen]
