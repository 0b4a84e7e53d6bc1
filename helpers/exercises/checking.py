"""``check`` and ``hint``: what a learner calls in a lesson."""

from __future__ import annotations

from .. import engine
from ..classview import reporting
from ..errors import CourseError, NotFound
from ..messages import text
from . import progress
from .collection import find
from .verdict import Hint, Right, Verdict, Wrong

_given: dict[str, int] = {}  # hints that this kernel has shown, by exercise


def check(name: str) -> Verdict:
    """Look at the daemon and say whether the exercise is solved, or what is still wrong.

    A solved exercise is kept in the progress file. If that cannot be written the verdict stands,
    and says so. Who joined a class (`join`) lets its instructor know; the verdict is the same.

    Parameters
    ----------
    name: the exercise's id, for example ``"01.2"``.

    Raises
    ------
    NotFound: no exercise has this id.
    EngineNotFound, EngineDenied, EngineLost: see ``engine.connect``.
    """
    exercise = find(name)
    machine = engine.connect()
    with engine.talking(machine):
        found = exercise.check(machine)
    if not isinstance(found, Right | Wrong):
        raise TypeError(f"the check of {exercise.id} returned {found!r}, not Right or Wrong")
    ok = isinstance(found, Right)
    reporting.tell(exercise.id, ok, found.key)
    note = "" if ok else text("exercises.ask", exercise=exercise.id)
    if ok:
        try:
            progress.keep(exercise.id)
        except CourseError as error:
            note = text("exercises.not_kept", reason=error.what)
    return Verdict(exercise.id, exercise.title, ok, found.words, note)


def hint(name: str, number: int | None = None) -> Hint:
    """Return the next hint for an exercise; after the last one, the last one again.

    Parameters
    ----------
    number: return this one instead, counted from 1; it does not depend on what was shown before.

    Raises
    ------
    NotFound: no exercise has this id, or no hint this number.
    """
    exercise = find(name)
    count = len(exercise.hints)
    if number is None:
        number = min(_given.get(exercise.id, 0) + 1, count)
        _given[exercise.id] = number
    if not 1 <= number <= count:
        raise NotFound("exercises.no_hint", exercise=exercise.id, number=number, count=count)
    return Hint(exercise.id, number, count, text(exercise.hints[number - 1]))
