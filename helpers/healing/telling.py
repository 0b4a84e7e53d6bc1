"""Looks at a swarm turned into a story: every task as bars, and the moments that matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..cluster.model import Task, View
from .case import Case
from .model import Bar, Story
from .moments import moments_of
from .phases import ORDERED, phase, version
from .states import led_anew

__all__ = ["tell"]


@dataclass
class _Life:
    """What is known of one task so far: ``points`` are ``(seconds, state)``."""

    task: Task
    there: bool  # from the beginning
    points: list[tuple[float, str]] = field(default_factory=list)
    ended: float | None = None

    @property
    def state(self) -> str:
        return self.points[-1][1] if self.points else ""


def tell(views: Sequence[View], case: Case, services: Iterable[str] = ("web",)) -> Story:
    """Return the story of some services' tasks.

    Time counts from the fault; what was before is left out, but for the state at that moment. The
    swarm stamps a state with the time of the manager's clock; that is used within the bounds of the
    two looks between which the state changed, so that clocks which differ do no harm.

    A container that is told to end always gets a bar ``"stopping"``, and a new one ``"starting"``,
    even if nobody looked in between (it is then 0 seconds long): the same course of events gives
    the same bars, however often was looked.

    Parameters
    ----------
    views: in order, at least one; the last one taken before the fault comes first.
    case: what was done.
    services: whose tasks are told.
    """
    wanted = frozenset(services)
    lives = _lives(views, case, wanted)
    end = max(views[-1].at - case.began, 0.0)
    bars = _bars(lives, views, case, end)
    recovered = _recovered(bars, views, case, wanted)
    replaced = min((life.points[0][0] for life in lives.values() if not life.there), default=None)
    found = moments_of(views, case, _ended(lives), replaced, recovered)
    nodes = tuple(sorted({node.name for view in views for node in view.nodes}))
    order = lambda bar: (bar.start, bar.task, bar.generation, bar.end)  # noqa: E731
    return Story(
        case.fault, case.target, nodes, tuple(sorted(bars, key=order)), found, end, recovered,
        case.order,
    )  # fmt: skip


def _ended(lives: dict[str, _Life]) -> dict[str, float]:
    """Return when each task that is over ended, in seconds since the fault."""
    return {one: life.ended for one, life in lives.items() if life.ended is not None}


def _lives(views: Sequence[View], case: Case, services: frozenset[str]) -> dict[str, _Life]:
    lives: dict[str, _Life] = {}
    over: set[str] = set()
    earlier = views[0].at
    for number, view in enumerate(views):
        nodes = {node.name: node for node in view.nodes}
        listed = set()
        for task in view.tasks:
            if task.service not in services or task.id in over:
                continue
            listed.add(task.id)
            if task.id not in lives:
                if number == 0 and task.ended:
                    over.add(task.id)  # of an earlier story
                    continue
                lives[task.id] = _Life(task, number == 0)
            _look(lives[task.id], task, nodes.get(task.node), earlier, view.at, case)
        for one, life in lives.items():
            if life.ended is None and one not in listed:  # the swarm forgot it
                _end(life, view.at - case.began)
        earlier = view.at
    return lives


def _look(life: _Life, task: Task, node: object, earlier: float, at: float, case: Case) -> None:
    if life.ended is not None:
        return
    stamped = min(max(task.since, earlier), at) - case.began
    if not life.points and not life.there:
        life.points.append((min(max(task.made, earlier), at) - case.began, "starting"))
    before = life.state
    now = phase(task, node, at, case, before)  # type: ignore[arg-type]
    same_state = life.task is not task and life.task.state == task.state
    life.task = task
    if now == "":
        if task.state in ORDERED and before in ("running", "unhealthy"):
            life.points.append((stamped, "stopping"))
        _end(life, stamped)
    elif now != before:
        when = stamped
        if now in ("lost", "unhealthy") and earlier <= case.began <= at:
            when = 0.0
        elif same_state:  # only the orchestrator's wish changed, which has no stamp
            when = at - case.began
        life.points.append((when if life.points else min(when, 0.0), now))


def _end(life: _Life, when: float) -> None:
    life.ended = max(when, life.points[-1][0]) if life.points else when


def _bars(lives: dict[str, _Life], views: Sequence[View], case: Case, end: float) -> list[Bar]:
    tells = len({version(life.task.image) for life in lives.values()}) > 1
    slots: dict[str, list[_Life]] = {}
    for life in sorted(lives.values(), key=lambda one: (one.task.made, one.task.id)):
        if life.ended is None or life.ended > 0.0:
            slots.setdefault(life.task.name, []).append(life)
    found = []
    for own in slots.values():
        for generation, life in enumerate(own, 1):
            made = _of(life, generation, end, tells)
            if made and life.ended is not None:
                cause = _cause(life, own[generation:], views[-1], case)
                made[-1] = replace(made[-1], cause=cause)
            found += made
    return found


def _of(life: _Life, generation: int, end: float, tells: bool) -> list[Bar]:
    """Return the bars of one task; what was over before the fault is left out."""
    task = life.task
    tag = version(task.image) if tells else ""
    ends = [*(start for start, _ in life.points[1:]), life.ended if life.ended is not None else end]
    found = []
    for place, ((start, state), until) in enumerate(zip(life.points, ends, strict=True)):
        if until > 0.0 or place + 1 == len(life.points):
            node = "" if state == "waiting" else task.node
            start, until = max(start, 0.0), max(until, 0.0)
            found.append(Bar(task.name, node, state, start, until, "", generation, tag))
    return found


def _cause(life: _Life, later: list[_Life], view: View, case: Case) -> str:
    """Say why a task is over."""
    task = life.task
    if task.id in case.tasks or (case.cause and task.node in case.nodes):
        return case.cause
    if led_anew(case):
        return ""  # chance: a new leader may take a node for lost that answers a little later
    if task.state in ("failed", "rejected"):
        return "failed"
    if later:
        own, next_one = version(task.image), version(later[0].task.image)
        if own == next_one:
            return "updated" if case.fault in ("update", "bad_update") else ""
        return "rolled_back" if case.version and next_one == case.version else "updated"
    if any(one.name == task.service for one in view.services):
        # Above the number asked for: start-first leaves no later one if the new one came up first
        return "scaled_down" if case.fault in ("scale", "autoscale") else case.cause
    return ""


def _recovered(
    bars: list[Bar], views: Sequence[View], case: Case, services: frozenset[str]
) -> float | None:
    """Return when as many ran again as were asked for; see `Story.recovered`."""
    end = views[-1].at - case.began
    bars = [replace(b, end=float("inf")) if b.end == end and not b.cause else b for b in bars]
    times = sorted({bar.start for bar in bars} | {bar.end for bar in bars if bar.end <= end})
    limit = case.undone - case.began if case.undone is not None else float("inf")
    short_since: float | None = None
    found = 0.0
    for now in times:
        if _short(bars, views, case, services, now):
            if short_since is None and now < limit:
                short_since = now
        elif short_since is not None:
            found, short_since = now, None
    if short_since is not None:
        return None
    # It is chance whether a new leader makes up for the tasks before the managers are back.
    chance = led_anew(case) and limit != float("inf")
    return max(found, limit) if chance else found


def _short(
    bars: list[Bar], views: Sequence[View], case: Case, services: frozenset[str], now: float
) -> bool:
    """Whether fewer tasks run at this moment than are asked for."""
    view = next((v for v in views if v.at - case.began >= max(now, 0.0)), views[-1])
    for service in view.services:
        if service.name in services and service.desired is not None:
            mine = [b for b in bars if b.task.rpartition(".")[0] == service.name]
            runs = sum(b.state == "running" and b.start <= now < b.end for b in mine)
            if runs < service.desired:
                return True
    return False
