"""One look at a swarm, and what it means: how much of each service runs, and why not all of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ..cluster.model import Service, Task, View
from .model import Amount

__all__ = ["GONE_WRONG", "Look", "State", "amounts", "broken", "read_look", "state_of"]

MOVING = frozenset({"new", "allocated", "assigned", "accepted", "preparing", "ready", "starting"})
UPDATING = frozenset({"updating", "rollback_started"})
GONE_WRONG = frozenset({"paused", "rollback_paused", "rollback_completed"})
REFUSALS = 2  # tasks of a service that a node rejected: one may be an accident
FAILURES = 3  # tasks of one slot that ended one after the other


@dataclass(frozen=True)
class Look:
    """What managers told at one moment.

    ``stale``: IDs of tasks that were made by an older specification of their service and have to be
    replaced. ``doubtful``: those that differ from it in where they may run, and stay if they run at
    such a place. ``updates``: for each service's name the state of its last update and when that
    began, or nothing.
    """

    view: View
    stale: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()
    updates: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)

    def services(self, names: Collection[str] | None) -> list[Service]:
        """Return the services of these names, or all."""
        return [one for one in self.view.services if names is None or one.name in names]

    def tasks(self, service: str) -> list[Task]:
        return [one for one in self.view.tasks if one.service == service]


@dataclass(frozen=True)
class State:
    """``reached``: desired and actual state agree. ``still``: nothing is under way any more.

    ``waiting``: names of tasks that have no node, with the orchestrator's reason.
    """

    reached: bool
    still: bool
    waiting: tuple[tuple[str, str], ...]


def read_look(view: View, services: list[dict], tasks: list[dict]) -> Look:
    """Make a look of a view and of what the Engine API lists (``GET /services``, ``/tasks``)."""
    wanted = {one["ID"]: one["Spec"].get("TaskTemplate") or {} for one in services}
    stale, doubtful = set(), set()
    for one in tasks:
        if one.get("ServiceID") in wanted:
            differing = _differing(one.get("Spec") or {}, wanted[one["ServiceID"]])
            if differing == {"Placement"}:
                doubtful.add(one["ID"])
            elif differing:
                stale.add(one["ID"])
    updates = {}
    for one in services:
        status = one.get("UpdateStatus") or {}
        if status.get("State"):
            updates[one["Spec"]["Name"]] = status["State"], status.get("StartedAt", "")
    return Look(view, frozenset(stale), frozenset(doubtful), updates)


def _differing(one: dict, other: dict) -> set[str]:
    """Return the fields in which a task's specification is not its service's.

    Runtime is filled in for one of them only. A task that differs in Placement alone is kept if its
    node meets the new constraints (moby/swarmkit, ``IsTaskDirtyPlacementConstraintsOnly``).
    """
    keys = (one.keys() | other.keys()) - {"Runtime"}
    return {key for key in keys if one.get(key) != other.get(key)}


def amounts(look: Look, seconds: float, names: Collection[str] | None) -> dict[str, Amount]:
    """Return how much of each service is wanted and runs."""
    found = {}
    for service in look.services(names):
        running = [task for task in look.tasks(service.name) if task.runs]
        current = [task for task in running if task.id not in look.stale]
        found[service.name] = Amount(seconds, service.desired or 0, len(running), len(current))
    return found


def state_of(look: Look, names: Collection[str] | None) -> State:
    """Judge a look: has everything come to what was asked for, or can it not?"""
    here = {node.name for node in look.view.nodes if node.state == "ready"}
    reached, still = True, True
    waiting: dict[str, str] = {}
    for service in look.services(names):
        tasks = [task for task in look.tasks(service.name) if not task.ended]
        # one on a node that is lost cannot be ended, however long one waits
        leaving = [task for task in tasks if task.desired in ("shutdown", "remove")
                   and (not task.node or task.node in here)]  # fmt: skip
        wanted = [task for task in tasks if task.desired not in ("shutdown", "remove")]
        found = {task.name: task.reason for task in wanted if task.state == "pending"}
        running = [task for task in wanted if task.runs and task.id not in look.stale]
        waiting |= found
        updating = look.updates.get(service.name, ("",))[0] in UPDATING
        # an update has yet to come to those that wait for a node by the older specification
        older = updating and any(
            task.state == "pending" and task.id in look.stale for task in wanted
        )
        moving = any(task.state in MOVING for task in wanted)
        under_way = leaving or moving or older or not all(found.values())
        if under_way:
            still = False
        # a job's tasks end when they have done their work; who waits for that asks for more
        job = service.mode.endswith("-job")
        enough = job or len(running) == len(wanted) == (service.desired or 0)
        # when all has been replaced, "updating" means that the swarm watches whether it stays well
        state = look.updates.get(service.name, ("",))[0]
        undecided = state == "rollback_started" or (
            updating and any(task.id in look.doubtful for task in wanted)
        )
        if under_way or not enough or undecided:
            reached = False
    reasons = tuple(sorted((name, reason) for name, reason in waiting.items() if reason))
    return State(reached, still and not reached and bool(reasons), reasons)


def broken(
    look: Look, before: Collection[str], names: Collection[str] | None
) -> tuple[str, Task] | None:
    """Return why waiting is in vain: ``("rejected", task)`` or ``("failed", task)``; else None.

    Parameters
    ----------
    before: IDs of the tasks that were there before the order; their fate tells nothing of it.
    """
    for service in look.services(names):
        if look.updates.get(service.name, ("",))[0] in UPDATING:
            continue  # the swarm itself decides what becomes of a bad update
        tasks = [task for task in look.tasks(service.name) if task.id not in before]
        refused = [task for task in tasks if task.state == "rejected"]
        if len(refused) >= REFUSALS and not any(task.runs for task in tasks):
            return "rejected", refused[-1]
        for task in tasks:
            same = [one for one in tasks if (one.slot, one.node if not one.slot else "")
                    == (task.slot, task.node if not task.slot else "")]  # fmt: skip
            failed = [one for one in same if one.state == "failed"]
            if len(failed) >= FAILURES and not any(one.runs for one in same):
                return "failed", failed[-1]
    return None
