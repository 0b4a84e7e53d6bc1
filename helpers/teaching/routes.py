"""Routes: the parts of lessons that a class of a given length takes (lessons/routes.toml)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import paths
from ..authoring.fields import LessonError, Table, Words
from ..authoring.lesson import Lesson
from .standing import needs
from .times import Measured

__all__ = ["FILE", "Route", "Routes", "Step", "minutes", "problems", "read"]

FILE = paths.LESSONS / "routes.toml"


@dataclass(frozen=True)
class Step:
    """Parts of one lesson, a break of some minutes, or the end of a day.

    ``parts`` are taught, the cells of ``run`` are only run, ``shown`` is shown on slides.
    """

    lesson: str = ""
    parts: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    why: Words | None = None
    pause: int = 0
    night: bool = False


@dataclass(frozen=True)
class Route:
    """Steps for one class; ``minutes`` is the time that a day of it has, breaks included."""

    id: str
    minutes: int
    title: Words
    why: Words
    steps: tuple[Step, ...]

    @property
    def days(self) -> list[list[Step]]:
        """The steps of each day."""
        found: list[list[Step]] = [[]]
        for step in self.steps:
            if step.night:
                found.append([])
            else:
                found[-1].append(step)
        return found


@dataclass(frozen=True)
class Routes:
    """All of ``lessons/routes.toml``; times in minutes."""

    shown_minutes: int
    longest_sitting: int
    routes: tuple[Route, ...]


def read(path: Path = FILE) -> Routes:
    """Parse the routes.

    Raises
    ------
    LessonError: every mistake in the file, each with its key.
    """
    found: list[str] = []
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LessonError([f"{path.name}: {error}"]) from None
    table = Table(data, path.name, "", found)
    routes = Routes(
        table.minutes("shown_minutes"),
        table.minutes("longest_sitting"),
        tuple(_route(one) for one in table.tables("routes")),
    )
    table.end()
    if found:
        raise LessonError(found)
    return routes


def _route(table: Table) -> Route:
    route = Route(
        table.string("id"),
        table.minutes("minutes"),
        table.words("title"),
        table.words("why"),
        tuple(_step(one) for one in table.tables("steps")),
    )
    table.end()
    return route


def _step(table: Table) -> Step:
    if "pause" in table.data:
        step = Step(pause=table.minutes("pause"))
    elif "night" in table.data:
        step = Step(night=table.boolean("night"))
    else:
        kinds = {k: table.strings(k) for k in ("parts", "run", "shown") if k in table.data}
        step = Step(lesson=table.string("lesson"), why=table.words("why"), **kinds)
        if not step.parts and not step.shown:
            table.problem("parts", "teaches nothing and shows nothing")
    table.end()
    return step


def minutes(
    step: Step, routes: Routes, lessons: Mapping[str, Lesson], times: Mapping[str, Measured]
) -> int:
    """Return what a step takes: planned minutes of what is taught, and what only runs as measured.

    A part that runs and was never measured counts with its planned minutes.
    """
    if not step.lesson:
        return step.pause
    planned = {part.id: part.minutes for part in lessons[step.lesson].plan.parts}
    took = times[step.lesson].seconds if step.lesson in times else {}
    running = sum(took.get(part, 60 * planned[part]) for part in step.run)
    taught = sum(planned[part] for part in step.parts)
    return taught + math.ceil(running / 60) + len(step.shown) * routes.shown_minutes


def problems(
    routes: Routes, lessons: Mapping[str, Lesson], times: Mapping[str, Measured]
) -> list[str]:
    """Return what is wrong: parts that do not exist or stand on nothing, days that are too long."""
    found = []
    for route in routes.routes:
        if unknown := _unknown(route, lessons):
            found += unknown
            continue
        found += _standing(route, lessons)
        for number, day in enumerate(route.days, start=1):
            where = f"{FILE.name}: {route.id}: day {number}"
            takes = [minutes(step, routes, lessons, times) for step in day]
            if sum(takes) > route.minutes:
                found.append(f"{where}: takes {sum(takes)} minutes and has {route.minutes}")
            sitting = 0
            for step, took in zip(day, takes, strict=True):
                sitting = 0 if step.pause else sitting + took
                if sitting > routes.longest_sitting:
                    found.append(f"{where}: {sitting} minutes without a break at {step.lesson}")
    return found


def _unknown(route: Route, lessons: Mapping[str, Lesson]) -> list[str]:
    found = []
    for step in route.steps:
        if step.lesson and step.lesson not in lessons:
            found.append(f"{FILE.name}: {route.id}: no lesson is called {step.lesson!r}")
        elif step.lesson:
            parts = {part.id: part for part in lessons[step.lesson].plan.parts}
            found += [
                f"{FILE.name}: {route.id}: lesson {step.lesson} has no part {part!r}"
                for part in (*step.parts, *step.run, *step.shown)
                if part not in parts
            ]
            found += [
                f"{FILE.name}: {route.id}: {step.lesson} {part} has no slide that could be shown"
                for part in step.shown
                if part in parts and parts[part].slide == "skip"
            ]
    return found


def _standing(route: Route, lessons: Mapping[str, Lesson]) -> list[str]:
    found = []
    ran: dict[str, set[str]] = {}
    for step in route.steps:
        if not step.lesson:
            continue
        done = ran.setdefault(step.lesson, set())
        done |= {*step.parts, *step.run}
        needed = needs(lessons[step.lesson])
        order = list(needed)
        for part in (*step.parts, *step.run):
            missing = [one for one in needed[part] if one not in done]
            found += [
                f"{FILE.name}: {route.id}: {step.lesson} {part} stands on {one}, which is not run"
                for one in missing
            ]
        if list(step.parts) != sorted(step.parts, key=order.index):
            found.append(f"{FILE.name}: {route.id}: {step.lesson}: parts in another order")
    return found
