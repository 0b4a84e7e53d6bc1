"""Which earlier parts of a lesson the cells of a part stand on.

Read from the code: a name that an earlier part assigns or imports, and an object of the course
(``lbl-…``, ``lbl/…``) that an earlier part names first, since that is where it is made. What the
code does not show (a stack that runs) stands in ``lesson.toml``, as the part's ``after``.
"""

from __future__ import annotations

import ast
import re

from ..authoring.lesson import Lesson

__all__ = ["needs"]

_OBJECT = re.compile(r"\blbl[-/][\w./:-]*\w")


def needs(lesson: Lesson) -> dict[str, tuple[str, ...]]:
    """Return, for each part, the earlier parts whose cells have to run before its own can."""
    made: dict[str, str] = {}  # what → the part that makes it
    found = {}
    for part, after in ((one.id, one.after) for one in lesson.plan.parts):
        makes, uses = _part(lesson, part)
        direct = {made[what] for what in uses if what in made} | set(after)
        for what in makes | {one for one in uses if one.startswith("lbl")}:
            made.setdefault(what, part)
        # what an earlier part stands on, this one does, too
        direct |= {below for one in direct for below in found.get(one, ())}
        found[part] = tuple(one.id for one in lesson.plan.parts if one.id in direct - {part})
    return found


def _part(lesson: Lesson, part: str) -> tuple[set[str], set[str]]:
    """Return what the cells of a part assign or import, and what they use of others."""
    makes: set[str] = set()
    uses: set[str] = set()
    for cell in lesson.original.cells:
        if cell.kind != "code" or cell.part != part:
            continue
        stores: set[str] = set()
        for node in ast.walk(ast.parse(cell.text)):
            match node:
                case ast.Name(id=name, ctx=ast.Load()) if name not in makes:
                    uses.add(name)
                case ast.Name(id=name, ctx=ast.Store()):
                    stores.add(name)
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    stores |= {(one.asname or one.name).split(".")[0] for one in names}
                case ast.FunctionDef(name=name):
                    stores.add(name)
                case ast.Constant(value=str() as text):
                    uses |= set(_OBJECT.findall(text))
        makes |= stores
    return makes, uses
