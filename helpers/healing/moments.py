"""The moments of a story: done, noticed, another leader, recovered, rolled back, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..cluster.model import View
from .case import Case
from .model import Moment
from .states import led_anew

__all__ = ["moments_of"]

# Which comes first of two at the same time: what was done before what it led to.
ORDER = ("fault", "leader", "noticed", "rollback", "undone", "recovered")


def moments_of(
    views: Sequence[View],
    case: Case,
    ended: Mapping[str, float],
    replaced: float | None,
    recovered: float | None,
) -> tuple[Moment, ...]:
    """Return the moments of a story, in order.

    Parameters
    ----------
    views: as for `helpers.healing.tell`.
    ended: when each task that is over ended, in seconds since the fault, by ID.
    replaced: when the orchestrator made the first new task, likewise; None if it made none.
    recovered: as in `Story`.
    """
    node = case.target if case.nodes else ""
    task = "" if case.nodes else case.target
    found = [Moment(0.0, "fault", node, task, case.fault), *case.seen]
    limit = case.undone - case.began if case.undone is not None else float("inf")
    # Whoever replaces a task has noticed; nobody may have looked in between.
    told = [one.seconds for one in case.seen if one.what == "noticed"]
    signs = [_noticed(views, case, ended), replaced if case.nodes else None]
    when = min((max(sign, 0.0) for sign in signs if sign is not None), default=None)
    # Without a leader it is chance whether the nodes are back before anybody notices.
    if not told and when is not None and when <= limit and not led_anew(case):
        found.append(Moment(when, "noticed", node, task))
    if leader := _leader(views, case):
        found.append(leader)
    if (when := _rollback(views, case)) is not None:
        found.append(Moment(when, "rollback", "", task))
    if recovered:
        found.append(Moment(recovered, "recovered"))
    if case.undone is not None:
        found.append(Moment(case.undone - case.began, "undone", node, task, case.fault))
    return tuple(sorted(found, key=lambda one: (one.seconds, ORDER.index(one.what))))


def _noticed(views: Sequence[View], case: Case, ended: Mapping[str, float]) -> float | None:
    if case.tasks:
        return min((ended[one] for one in case.tasks if one in ended), default=None)
    if case.fault == "drain":
        return _first(views, case, lambda view: any(
            one.node in case.nodes and one.desired in ("shutdown", "remove") and not one.ended
            for one in view.tasks
        ))  # fmt: skip
    if case.nodes:
        return _first(views, case, lambda view: all(
            one.state == "down" for one in view.nodes if one.name in case.nodes
        ))  # fmt: skip
    return None


def _first(views: Sequence[View], case: Case, holds: object) -> float | None:
    """Return when something held at first after the fault."""
    for view in views:
        if view.at >= case.began and holds(view):  # type: ignore[operator]
            return view.at - case.began
    return None


def _leader(views: Sequence[View], case: Case) -> Moment | None:
    """Return the moment from which another manager led, after the leader was lost.

    After a majority was lost, it may be any of them, the old one too.
    """
    if case.fault != "lose_manager":
        return None
    old = {one.name for one in views[0].nodes if one.leader}
    for view in views:
        new = [one.name for one in view.nodes if one.leader and one.name not in old]
        if new and old and view.at >= case.began:
            return Moment(view.at - case.began, "leader", new[0])
    return None


def _rollback(views: Sequence[View], case: Case) -> float | None:
    if case.fault not in ("update", "bad_update"):
        return None
    return _first(views, case, lambda view: any(
        one.name == case.target and one.update.startswith("rollback") for one in view.services
    ))  # fmt: skip
