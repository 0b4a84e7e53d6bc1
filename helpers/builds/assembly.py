"""The steps of a trace: what was planned, joined with what the builder told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from . import buildkit, classic
from .dockerfile import instructions
from .model import BASE, CACHED, FAILED, RAN, UNREACHED, State, Step
from .plan import Plan, Planned
from .rawjson import Vertex

__all__ = ["records_of", "steps_of"]


def steps_of(
    plan: Plan, outcome: buildkit.Outcome | classic.Outcome, dockerfile: str
) -> tuple[Step, ...]:
    """Return every step of a build, in the order of the Dockerfile."""
    if isinstance(outcome, classic.Outcome):
        return _classic(plan, outcome, dockerfile)
    told = vertices(plan, outcome)
    by_key = {step.parts.key: told[step.id] for step in plan.steps if step.id in told}
    return tuple(
        _step(step, told.get(step.id) or by_key.get(step.parts.key)) for step in plan.steps
    )


def vertices(plan: Plan, outcome: buildkit.Outcome) -> dict[str, Vertex]:
    """Return what BuildKit told of each step, by the step's id.

    Two stages that begin alike are done once: the second one's steps are not told of.
    """
    places: dict[tuple[str, int], Vertex] = {}
    for vertex in outcome.progress.vertices.values():
        # COPY --link is told of twice: the copy, and how it is laid on top of what is there
        if vertex.place and not vertex.words.startswith("LINK "):
            places.setdefault(vertex.place, vertex)
    alone = len(plan.stages) == 1
    found: dict[str, Vertex] = {}
    for step in plan.steps:
        names = [step.stage, *([""] if alone else [])]
        for name in names:
            if step.vertex is not None and (vertex := places.get((name, step.vertex))):
                found[step.id] = vertex
                break
    return found


def _bare(step: Planned, state: State = UNREACHED) -> Step:
    return Step(
        step.stage, step.number, step.instruction, step.line, state, inputs=step.inputs
    )  # fmt: skip


def _step(step: Planned, vertex: Vertex | None) -> Step:
    if step.base and step.needed:
        return _bare(step, BASE)
    if not step.needed or vertex is None or vertex.started is None:
        return _bare(step)
    if "context canceled" in vertex.error or "CANCELED" in vertex.error:
        return _bare(step)  # another step failed first
    if not vertex.error and vertex.completed is None:
        return _bare(step)
    if vertex.cached and not vertex.error:
        return _bare(step, CACHED)
    end = vertex.started if vertex.completed is None else vertex.completed
    return replace(
        _bare(step, FAILED if vertex.error else RAN),
        start=vertex.started,
        duration=max(0.0, end - vertex.started),
        log=vertex.text,
        error=vertex.error,
    )


def _classic(plan: Plan, outcome: classic.Outcome, dockerfile: str) -> tuple[Step, ...]:
    lines = [one.line for one in instructions(dockerfile)]
    told = {lines[done.number - 1]: done for done in outcome.steps if done.number <= len(lines)}
    last = outcome.steps[-1] if outcome.steps else None
    return tuple(_done(step, told.get(step.line), last, outcome.error) for step in plan.steps)


def _done(step: Planned, done: classic.Done | None, last: classic.Done | None, error: str) -> Step:
    if done is None:
        return _bare(step)
    if step.base or done.cached:
        return _bare(step, BASE if step.base else CACHED)
    failed = done is last and bool(error)
    return replace(
        _bare(step, FAILED if failed else RAN),
        start=done.started,
        duration=max(0.0, done.ended - done.started),
        log=done.log,
        error=error if failed else "",
    )


def records_of(
    plan: Plan, steps: tuple[Step, ...], new: Mapping[str, str], told: Mapping[str, Vertex]
) -> dict[str, str]:
    """Return which of the builder's new records holds the result of which step.

    Parameters
    ----------
    new: records that came with the build: ID → description (the step's name, or its command).
    """
    by_text = {text: identifier for identifier, text in new.items()}
    found = {}
    for step in steps:
        if step.state != RAN or step.id not in told:
            continue
        name = told[step.id].name
        command = plan.step(step.id).parts.does if step.word == "RUN" else ""
        for text in (name, _exec(command)):
            if text in by_text:
                found[step.id] = by_text[text]
    return found


def _exec(does: str) -> str:
    return "mount / from exec " + " ".join(json.loads(does)[1]) if does else ""
