"""Where the steps of a build graph stand: a column a stage, and no step above one that it uses."""

from __future__ import annotations

from dataclasses import dataclass

from ..builds.model import Trace


@dataclass(frozen=True)
class Edge:
    """One step uses the result of another: ``crossing`` if that is in another stage."""

    used: str
    by: str
    crossing: bool


def uses(trace: Trace) -> dict[str, tuple[str, ...]]:
    """Return for each step the ids of the steps that it uses, the one before it in its stage first.

    That one is added where a builder does not name it: BuildKit takes a FROM for no step at all.
    Only what stands above a step in the Dockerfile can be used by it.
    """
    found: dict[str, tuple[str, ...]] = {}
    last: dict[str, str] = {}
    for step in trace.steps:
        below = [last[step.stage]] if step.stage in last else []
        named = [used for used in step.inputs if used in found]
        found[step.id] = tuple(dict.fromkeys([*below, *named]))
        last[step.stage] = step.id
    return found


def ranks(trace: Trace) -> dict[str, int]:
    """Return the row of each step, 0 at the top: below all steps that it uses."""
    found: dict[str, int] = {}
    for step, used in uses(trace).items():
        found[step] = max((found[other] + 1 for other in used), default=0)
    return found


def edges(trace: Trace) -> list[Edge]:
    """Return which steps use which, in the order of the Dockerfile."""
    stage = {step.id: step.stage for step in trace.steps}
    return [
        Edge(used, step, stage[used] != stage[step])
        for step, others in uses(trace).items()
        for used in others
    ]
