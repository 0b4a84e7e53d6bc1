"""What can be said about a lesson without running it: no daemon, no kernel, well under a second."""

from __future__ import annotations

import ast
from pathlib import Path

import nbformat

from .. import paths
from . import drills, glossary, notebook, source
from .fields import LessonError
from .lesson import Lesson, folders, load

MAX_LINES = 10
_PLUMBING = {"subprocess", "os.system", "shutil"}


def everything(
    lessons: Path | None = None, notebooks: Path | None = None, ids: tuple[str, ...] = ()
) -> list[str]:
    """Return every problem of these lessons (default: all) and of their notebooks."""
    notebooks = notebooks or paths.NOTEBOOKS
    found: list[str] = []
    names = set()
    for folder in folders(lessons):
        names.add(folder.name)
        if ids and folder.name[:2] not in ids:
            continue
        try:
            lesson = load(folder)
        except LessonError as error:
            found += error.problems
            continue
        found += source_problems(lesson)
        found += generated(lesson, notebooks)
    if not ids:
        found += [
            f"{path.relative_to(notebooks)}: no lesson has this name"
            for edition in notebook.editions()
            for path in sorted(edition.folder(notebooks).glob("*.ipynb"))
            if path.stem not in names
        ]
    return found


def source_problems(lesson: Lesson) -> list[str]:
    """Return what is wrong with the text: languages that differ, stale translations, long cells."""
    original = lesson.original
    found = [p for cell in original.cells if cell.kind == "code" for p in _code(original, cell)]
    for text in lesson.sources.values():
        if text is not original:
            found += _translation(original, text)
    return found + drills.problems(lesson) + glossary.problems(lesson)


def _translation(original: source.Source, text: source.Source) -> list[str]:
    try:
        pairs = source.pairs(original, text)
        stale = source.stale(original, text)
    except LessonError as error:
        return list(error.problems)
    found = []
    for one, other in pairs:
        where = f"{text.name}:{other.line}"
        if one.kind != "code":
            continue
        if _tree(one) != _tree(other):
            found.append(f"{where}: the code differs from {original.name}:{one.line}")
        if (one.tags, bool(one.reason)) != (other.tags, bool(other.reason)):
            found.append(f"{where}: the tags differ from {original.name}:{one.line}")
    for one, other in stale:
        head = one.text.splitlines()[0][:60]
        state = "is stale" if other.source else "was never stamped"
        found.append(
            f"{text.name}:{other.line}: the translation of {original.name}:{one.line}"
            f" ({head!r}, part {one.part}) {state}"
        )
    return found


def _tree(cell: source.Cell) -> str:
    """Return the code without its comments and layout."""
    try:
        return ast.dump(ast.parse(cell.text))
    except SyntaxError:
        return cell.text


def _code(text: source.Source, cell: source.Cell) -> list[str]:
    where = f"{text.name}:{cell.line}"
    try:
        tree = ast.parse(cell.text)
    except SyntaxError as error:
        return [f"{where}: is not plain Python: {error.msg}"]
    found = []
    stripped = [one.strip() for one in cell.text.splitlines()]
    lines = [one for one in stripped if one and not one.startswith("#")]
    if not lines:
        found.append(f"{where}: holds no code")
    if len(lines) > MAX_LINES:
        found.append(f"{where}: {len(lines)} lines of code: a helper is missing")
    for node in ast.walk(tree):
        if isinstance(node, ast.Try | ast.TryStar):
            found.append(f"{where}: try: let the helper's error teach")
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            names = [module] if module else [one.name for one in node.names]
            found += [
                f"{where}: imports {name}: a helper is missing"
                for name in names
                if name and name.split(".")[0] in _PLUMBING
            ]
    return found


def generated(lesson: Lesson, notebooks: Path) -> list[str]:
    """Return which notebooks of a lesson are missing, not executed or not made from this source."""
    found = []
    for edition in notebook.editions():
        path = notebook.path(lesson, edition, notebooks)
        where = path.relative_to(notebooks)
        try:
            stored = nbformat.read(path, as_version=4)
        except FileNotFoundError:
            found.append(f"{where}: is missing: build lesson {lesson.plan.id}")
            continue
        except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
            found.append(f"{where}: is not a notebook: {error}")
            continue
        made = notebook.assemble(lesson, edition)
        found += [f"{where}: {one}" for one in _differences(stored, made) + not_executed(stored)]
    return found


def _differences(stored: nbformat.NotebookNode, made: nbformat.NotebookNode) -> list[str]:
    if stored.metadata != made.metadata:
        return ["its metadata is not what a build writes"]
    for number, (old, new) in enumerate(zip(stored.cells, made.cells, strict=False), start=1):
        for field in ("cell_type", "source", "metadata", "id"):
            if old.get(field) != new.get(field):
                return [f"cell {number} does not match its source: build the lesson again"]
    if len(stored.cells) != len(made.cells):
        return [f"{len(stored.cells)} cells instead of {len(made.cells)}: build the lesson again"]
    return []


def not_executed(stored: nbformat.NotebookNode) -> list[str]:
    """Return the code cells that were not executed in order from 1 in one go.

    nbval runs a cell without an ``execution_count`` and compares nothing.
    """
    code = [(n, cell) for n, cell in enumerate(stored.cells, start=1) if cell.cell_type == "code"]
    found = []
    for expected, (number, cell) in enumerate(code, start=1):
        if cell.execution_count is None:
            found.append(f"cell {number} was not executed")
        elif cell.execution_count != expected:
            found.append(f"cell {number} was not executed in order")
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
                "tags", ()
            ):
                found.append(f"cell {number} holds an error: {output.ename}")
    return found
