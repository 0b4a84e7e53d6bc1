"""Why each step of a build ran: the root cause, told apart from steps that merely follow."""

from __future__ import annotations

from collections.abc import Mapping

from ..engine import Engine, connect
from ..errors import NotFound
from . import ledger
from .causes import difference, pairs
from .ledger import Kept
from .model import FAILED, RAN, Cause, Explanation, Reason, Trace
from .plan import Planned

__all__ = ["causes", "explain"]


def explain(before: object, after: object, engine: Engine | None = None) -> Explanation:
    """Say why each step of the build ``after`` came from the cache or ran.

    A step is *to blame* if it ran although every step whose result it uses came from the cache. A
    step that ran because one of those ran *follows*; if something about itself has changed as
    well, that is its cause, for it would have run anyway.

    Parameters
    ----------
    before: the build that it is compared with, as `helpers.builds.run` returned it (or its trace);
        None: there was none.
    after: the build to explain.

    Raises
    ------
    NotFound: the course does not remember ``after``: it was made without it, or cleaned up.
    """
    engine = engine or connect()
    first, last = _trace(before), _trace(after)
    assert last is not None
    build = ledger.kept(last.key, engine)
    if build is None:
        raise NotFound("builds.forgotten", tag=last.tag)
    earlier = ledger.kept(first.key, engine) if first else None
    states = {step.id: step.state for step in last.steps}
    found = causes(build.steps, states, earlier, build.no_cache, build.gone)
    reasons = tuple(Reason(step, *found.get(step.id, (None, False))) for step in last.steps)
    return Explanation(first, last, reasons)


def _trace(build: object) -> Trace | None:
    return getattr(build, "trace", build)  # type: ignore[return-value]


def causes(
    steps: tuple[Planned, ...],
    states: Mapping[str, str],
    before: Kept | None,
    no_cache: bool = False,
    gone: tuple[str, ...] = (),
) -> dict[str, tuple[Cause, bool]]:
    """Return for each step that ran, by its id, why, and whether it is to blame."""
    was = pairs(before.steps, steps) if before else {}
    now = {old.id: step for step in steps if (old := was.get(step.id))}
    found: dict[str, tuple[Cause, bool]] = {}
    for step in steps:
        if step.base or states.get(step.id) not in (RAN, FAILED):
            continue
        ran = [one for one in step.inputs if states.get(one) in (RAN, FAILED)]
        own = _own(step, was.get(step.id), before, no_cache, now)
        if own is None and step.id in gone and not ran:
            own = Cause("pruned")
        cause = (
            own or _followed(step, ran, steps) or _unseen(step, was[step.id], before, now, steps)
        )
        found[step.id] = (cause, not ran)
    return found


def _own(
    step: Planned,
    old: Planned | None,
    before: Kept | None,
    no_cache: bool,
    now: Mapping[str, Planned],
) -> Cause | None:
    """Return what is to be said of the step itself, whatever the steps below it did."""
    if no_cache:
        return Cause("no_cache")
    if before is None:
        return Cause("first")
    if old is None:
        left = [one for one in before.steps if one.id not in now]
        twin = any(one.instruction == step.instruction for one in left)
        return Cause("moved" if twin else "inserted")
    return difference(old, step)


def _followed(step: Planned, ran: list[str], steps: tuple[Planned, ...]) -> Cause | None:
    if not ran:
        return None
    kind, below, _ = step.parts.below
    own = [one for one in ran if _stage(one) == step.stage or (kind, one) == ("step", below)]
    if not own:
        makers = [one[0] for one in step.parts.stages if one[3] in ran]
        taken = makers or [one[0] for one in step.parts.stages if one[0] == _stage(ran[0])]
        if taken:
            return Cause("stage", names=(taken[0],))
    first = (own or ran)[0]
    return Cause("ancestor", names=(first,), after=_shown(first, steps))


def _stage(identifier: str) -> str:
    return identifier.rpartition(" ")[0]


def _shown(identifier: str, steps: tuple[Planned, ...]) -> str:
    """Return a step's id as a learner sees it: its number alone if there is one stage."""
    several = len({step.stage for step in steps}) > 1
    return identifier if several else identifier.rpartition(" ")[2]


def _unseen(
    step: Planned,
    old: Planned,
    before: Kept | None,
    now: Mapping[str, Planned],
    steps: tuple[Planned, ...],
) -> Cause:
    """Return why a step ran that is the same and whose inputs all came from the cache."""
    assert before is not None
    if before.states.get(old.id) not in ("cached", "ran"):
        return Cause("first")  # it was there, and did not get done
    if old.parts.key == step.parts.key:
        return Cause("unknown")
    kind, name, _ = old.parts.below
    if kind == "step" and name not in now:
        below = before.step(name)
        return Cause("removed", before=below.instruction if below else name)
    if step.parts.below != old.parts.below:
        name = step.parts.below[1]
        return Cause("combination", names=(name,), after=_shown(name, steps))
    changed = [b for a, b in zip(old.parts.stages, step.parts.stages, strict=False) if a[2] != b[2]]
    return Cause("stage", names=(changed[0][0],)) if changed else Cause("unknown")
