"""Which stages of a build need each other: what may run at the same time."""

from __future__ import annotations

from itertools import combinations

from ..builds.model import UNREACHED, Trace


def needs(trace: Trace) -> dict[str, tuple[str, ...]]:
    """Return for each stage the other stages whose results it uses, directly or not, in order."""
    stage_of = {step.id: step.stage for step in trace.steps}
    found: dict[str, set[str]] = {name: set() for name in trace.stages}
    for step in trace.steps:
        for used in step.inputs:
            if stage_of.get(used, step.stage) != step.stage:
                found[step.stage].add(stage_of[used])
    changed = True
    while changed:  # what is used by what is used
        changed = False
        for used in found.values():
            further = {far for near in used for far in found[near]} - used
            used |= further
            changed = changed or bool(further)
    order = trace.stages
    return {
        name: tuple(other for other in order if other in used and other != name)
        for name, used in found.items()
    }


def apart(trace: Trace) -> list[tuple[str, str]]:
    """Return the pairs of stages neither of which needs the other, of those the build reached."""
    used = needs(trace)
    reached = [
        name
        for name in trace.stages
        if any(step.stage == name and step.state != UNREACHED for step in trace.steps)
    ]
    return [
        (one, other)
        for one, other in combinations(reached, 2)
        if one not in used[other] and other not in used[one]
    ]
