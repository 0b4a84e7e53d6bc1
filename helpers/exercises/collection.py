"""The exercises of all lessons: each lesson's ``exercises.py``, loaded when it is asked for."""

from __future__ import annotations

import difflib
import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .. import engine, messages, paths
from ..errors import NotFound
from .verdict import Right, Wrong

Check = Callable[["engine.Engine"], Right | Wrong]


@dataclass(frozen=True)
class Exercise:
    """One exercise: its id (``"01.2"``) and the function that looks at the daemon."""

    id: str
    check: Check

    @property
    def lesson(self) -> str:
        """The lesson's id."""
        return self.id.split(".")[0]

    @property
    def key(self) -> str:
        """The beginning of its message keys: ``lesson01.ex2``."""
        return "lesson{}.ex{}".format(*self.id.split("."))

    @property
    def title(self) -> str:
        """Its title in the notebook's language."""
        return messages.text(f"{self.key}.title")

    @property
    def hints(self) -> tuple[str, ...]:
        """The keys of its hints, in order: ``….hint1``, ``….hint2``, … without a gap."""
        found = []
        while messages.has(key := f"{self.key}.hint{len(found) + 1}"):
            found.append(key)
        return tuple(found)


def exercise(name: str) -> Callable[[Check], Check]:
    """Declare that a function of a lesson's ``exercises.py`` checks the exercise ``name``.

    The function gets the engine, only reads from it, and returns ``Right`` or ``Wrong``::

        @exercise("01.2")
        def deleted_file(machine: Engine) -> Right | Wrong:
            ...

    Raises
    ------
    ValueError: ``name`` is not a lesson's two digits, a point and a number from 1.
    """
    if not re.fullmatch(r"\d\d\.[1-9]\d*", name):
        raise ValueError(f"not the id of an exercise: {name!r}")

    def declare(function: Check) -> Check:
        function.__exercise__ = name
        return function

    return declare


def load(folder: Path) -> list[Exercise]:
    """Return the exercises of the lesson in ``folder``, in order; none if it has no such file.

    Raises
    ------
    ValueError: an exercise of another lesson, or two with one id.
    """
    path = folder / "exercises.py"
    if not path.exists():
        return []
    lesson = folder.name.split("-")[0]
    spec = importlib.util.spec_from_file_location(f"lesson{lesson}_exercises", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = [
        Exercise(value.__exercise__, value)
        for value in vars(module).values()
        if hasattr(value, "__exercise__")
    ]
    ids = [one.id for one in found]
    if wrong := [name for name in ids if not name.startswith(f"{lesson}.") or ids.count(name) > 1]:
        raise ValueError(f"{path}: {wrong[0]} is declared twice, or belongs to another lesson")
    return sorted(found, key=lambda one: int(one.id.split(".")[1]))


def every(lesson: str | None = None) -> list[Exercise]:
    """Return all exercises, or those of one lesson (by its id), in order."""
    folders = sorted(paths.LESSONS.glob(f"{lesson or '[0-9][0-9]'}-*"))
    return [one for folder in folders for one in load(folder)]


def find(name: str) -> Exercise:
    """Return the exercise with this id.

    Raises
    ------
    NotFound: there is none; the message names near ones.
    """
    wanted = str(name)
    exercises = every()
    for one in exercises:
        if one.id == wanted:
            return one
    ids = [one.id for one in exercises]
    near = difflib.get_close_matches(wanted, ids, n=3, cutoff=0.5) or ids[:3]
    raise NotFound("exercises.unknown", name=wanted, near=", ".join(near) or "-")
