"""Play a lesson's code with its solutions, and ask each check before and after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from helpers.authoring import load, machine
from helpers.authoring.drills import Drill, drills
from helpers.authoring.source import Cell
from helpers.engine import Engine
from helpers.exercises import check, every

from . import stepwise


def play(
    folder: Path, engine: Engine, place: Path, before: Callable[[Cell], None] = lambda cell: None
) -> None:
    """Assert that every exercise is red on an untouched machine, green after its solution only.

    Parameters
    ----------
    folder: the lesson's.
    place: a folder for the kernel to run in.
    before: called ahead of each code cell.
    """
    lesson = load(folder)
    found = drills(lesson.original)
    asked = [exercise.id for exercise in every(lesson.plan.id)]
    assert sorted(drill.exercise for drill in found) == sorted(asked)
    begins = {drill.solutions[0]: drill for drill in found}
    checks = {drill.check: drill for drill in found}
    solved: list[Drill] = []

    def pause(position: int, cell: Cell) -> None:
        if drill := begins.get(position):
            verdict = check(drill.exercise)
            assert not verdict.ok, f"green before its solution: {verdict}"
        if drill := checks.get(position):
            verdict = check(drill.exercise)
            assert verdict.ok, f"red after its solution: {verdict}"
            solved.append(drill)
        before(cell)

    with machine.fresh(lesson.plan, engine) as environment:
        for exercise in asked:
            verdict = check(exercise)
            assert not verdict.ok, f"green on an untouched machine: {verdict}"
            assert verdict.words
        stepwise.run(lesson, place, environment, pause)
    assert solved == found
