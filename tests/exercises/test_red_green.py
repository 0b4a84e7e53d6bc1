"""Every exercise is red on an untouched machine, and green after its solution and no earlier."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.authoring import load, machine
from helpers.authoring.drills import Drill, drills
from helpers.authoring.lesson import folders
from helpers.authoring.source import Cell
from helpers.engine import Engine
from helpers.exercises import check, every
from helpers.exercises import load as exercises_of

from . import stepwise

LESSONS = [folder for folder in folders() if exercises_of(folder)]


def _red_green(folder: Path, engine: Engine, tmp_path: Path) -> None:
    lesson = load(folder)
    found = drills(lesson.original)
    asked = [exercise.id for exercise in every(lesson.plan.id)]
    assert sorted(drill.exercise for drill in found) == sorted(asked)
    begins = {drill.solutions[0]: drill for drill in found}
    checks = {drill.check: drill for drill in found}
    solved: list[Drill] = []

    def pause(position: int, _cell: Cell) -> None:
        if drill := begins.get(position):
            verdict = check(drill.exercise)
            assert not verdict.ok, f"green before its solution: {verdict}"
        if drill := checks.get(position):
            verdict = check(drill.exercise)
            assert verdict.ok, f"red after its solution: {verdict}"
            solved.append(drill)

    with machine.fresh(lesson.plan, engine) as environment:
        for exercise in asked:
            verdict = check(exercise)
            assert not verdict.ok, f"green on an untouched machine: {verdict}"
            assert verdict.words
        stepwise.run(lesson, tmp_path, environment, pause)
    assert solved == found


@pytest.mark.daemon
@pytest.mark.parametrize("folder", LESSONS, ids=lambda folder: folder.name)
def test_red_then_green(folder: Path, engine: Engine, tmp_path: Path) -> None:
    _red_green(folder, engine, tmp_path)


@pytest.mark.daemon
def test_the_sample_is_red_then_green(sample: Path, engine: Engine, tmp_path: Path) -> None:
    _red_green(sample, engine, tmp_path)


@pytest.mark.daemon
def test_a_check_that_is_always_green_is_found(
    sample: Path, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness itself: it must not pass whatever a check says."""
    volume = engine.client.volumes.create("lbl-90-box", labels={"org.layer-by-layer.course": "x"})
    monkeypatch.setattr(machine.engine.cleanup, "clean", lambda *_, **__: None)
    try:
        with pytest.raises(AssertionError, match="green on an untouched machine"):
            _red_green(sample, engine, tmp_path)
    finally:
        volume.remove()
