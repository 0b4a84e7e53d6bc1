"""Where the exercises of a lesson stand in its text, and whether they are complete."""

from __future__ import annotations

import ast
import string
import tomllib
from dataclasses import dataclass

from .. import exercises, messages
from .lesson import Lesson
from .source import Cell, Source


@dataclass(frozen=True)
class Drill:
    """An exercise in the text: the cells that solve it, and the first that checks it after them.

    Both are positions in ``Source.cells``.
    """

    exercise: str
    solutions: tuple[int, ...]
    check: int


def checked(cell: Cell) -> list[str]:
    """Return the exercises that a code cell checks: the texts in its ``check("…")`` calls.

    `check` or `exercises.check`; what other modules call so checks something else.
    """
    if cell.kind != "code":
        return []
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(cell.text))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("check", "exercises.check")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def drills(text: Source) -> list[Drill]:
    """Return the exercises in the order of the text.

    The solution cells since the last exercise belong to the next one that is checked. A later check
    of the same exercise, or one without a solution before it, is no new drill.
    """
    found: list[Drill] = []
    waiting: list[int] = []
    for position, cell in enumerate(text.cells):
        if "solution" in cell.tags:
            waiting.append(position)
        for name in checked(cell):
            if waiting and name not in {one.exercise for one in found}:
                found.append(Drill(name, tuple(waiting), position))
                waiting = []
    return found


def problems(lesson: Lesson) -> list[str]:
    """Return what its exercises lack: a check, a solution, a place in the text, words."""
    where = f"{lesson.name}/exercises.py"
    try:
        declared = exercises.load(lesson.folder)
    except Exception as error:  # it is an author's module: whatever is wrong, name the file
        return [f"{where}: {type(error).__name__}: {error}"]
    text = lesson.original
    try:
        asked = [name for cell in text.cells for name in checked(cell)]
        placed = {drill.exercise for drill in drills(text)}
    except SyntaxError:
        return []  # check.source_problems names the cell
    ids = [one.id for one in declared]
    unknown = sorted({*asked} - {*ids})
    found = [f"{text.name}: check({name!r}) is not in exercises.py" for name in unknown]
    found += [f"{where}: {name} is never checked in the text" for name in ids if name not in asked]
    found += [
        f"{text.name}: exercise {name} has no solution cell before its check"
        for name in ids
        if name in asked and name not in placed
    ]
    words, mistakes = _messages(lesson)
    for one in declared:
        lacking = sorted({f"{one.key}.title", f"{one.key}.hint1"} - words)
        mistakes += [f"{lesson.name}/messages.toml: {key} is missing" for key in lacking]
    mistakes += [
        f"{where}: the message {key} is missing"
        for key in _keys(lesson)
        if key not in words and not messages.has(key)
    ]
    return found + mistakes


def _messages(lesson: Lesson) -> tuple[set[str], list[str]]:
    path = lesson.folder / "messages.toml"
    where = f"{lesson.name}/messages.toml"
    if not path.exists():
        return set(), []
    found: dict[str, dict[str, str]] = {}
    mistakes = []
    try:
        messages.gather(tomllib.loads(path.read_text("utf-8")), f"lesson{lesson.plan.id}", found)
    except (tomllib.TOMLDecodeError, AttributeError) as error:
        return set(), [f"{where}: {error}"]
    for key, words in found.items():
        fields = {}
        for language in messages.LANGUAGES.values():
            if not words.get(language, "").strip():
                mistakes.append(f"{where}: {key}.{language}: this language is missing")
            parsed = string.Formatter().parse(words.get(language, ""))
            fields[language] = {field for _, field, _, _ in parsed if field is not None}
        if len({frozenset(one) for one in fields.values()}) > 1:
            mistakes.append(f"{where}: {key}: the languages have different {{fields}}")
    return set(found), mistakes


def _keys(lesson: Lesson) -> list[str]:
    """Return the message keys that ``exercises.py`` hands to Right and Wrong."""
    path = lesson.folder / "exercises.py"
    if not path.exists():
        return []
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("Right", "Wrong")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
