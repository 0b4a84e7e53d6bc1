"""Looks at a cluster made into the stories and figures' data that lessons show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..healing.model import Bar, Moment, Story
from ..stacks.model import Amount, Progress
from .pods import Look, Pod, alive, numbered

__all__ = ["Case", "is_short", "names", "progress", "tell"]

ORDER = ("fault", "noticed", "rollback", "recovered", "undone")


@dataclass(frozen=True)
class Case:
    """What was done to the pods of an app.

    Fields
    ------
    fault: ``"delete_pod"``, ``"sicken"``, ``"update"``, ``"bad_update"``, ``"rollback"``, …
    target: what it was done to, as the story names it: ``web 1``.
    began: when, by the clock of the looks.
    pods: uids of the pods that it hit.
    cause: why these ended, as in `Bar.cause`.
    order: the command.
    seen: further moments, in seconds since ``began``.
    """

    fault: str
    target: str
    began: float
    pods: frozenset[str] = frozenset()
    cause: str = ""
    order: str = ""
    seen: tuple[Moment, ...] = ()


def names(looks: Iterable[Look], app: str) -> dict[str, str]:
    """Number the pods of an app in the order in which they were seen first: uid → ``web 1``."""
    found: dict[str, Pod] = {}
    earlier: set[str] = set()  # pods of an earlier story
    for place, look in enumerate(looks):
        mine = (one for one in look.pods if one.app == app and one.uid not in earlier)
        new = [one for one in mine if one.uid not in found]
        if place == 0:
            earlier = {one.uid for one in new if one.over or one.ending}
        for one in sorted(new, key=lambda pod: (pod.made, pod.name)):
            if one.uid not in earlier:
                found[one.uid] = one
    return {uid: f"{app} {number}" for number, uid in enumerate(found, 1)}


def progress(looks: Sequence[Look], order: str, workloads: Iterable[str]) -> Progress:
    """Return how workloads came to what was asked for.

    Parameters
    ----------
    looks: in order, the first from before the order was given.
    workloads: their names.
    """
    began, end = looks[0].at, looks[-1]
    services = []
    for name in workloads:
        amounts: list[Amount] = []
        for look in looks:
            one = look.workload(name)
            if one is None:
                now = Amount(look.at - began, 0, 0, 0)
            else:
                mine = alive(look.pods, one.app)
                ready = sum(pod.ready for pod in mine)
                newest = one.newest
                current = sum(pod.ready and newest in ("", pod.template) for pod in mine)
                now = Amount(look.at - began, one.desired, ready, current)
            if not amounts or replace(now, seconds=amounts[-1].seconds) != amounts[-1]:
                amounts.append(now)
        services.append((name, tuple(amounts)))
    wanted = {name for name, _ in services}
    present = [one for one in end.workloads if one.name in wanted]
    reached = all(one.settled for one in present)
    return Progress(order, tuple(services), reached, _waiting(end, wanted), end.at - began)


def _waiting(look: Look, wanted: set[str]) -> tuple[tuple[str, str], ...]:
    """What cannot run: pods without a node or image, and pods that could not even be made."""
    found = []
    numbers = numbered(alive(look.pods))
    apps = {one.app for one in look.workloads if one.name in wanted}
    for pod in alive(look.pods):
        if pod.app in apps and not pod.ready and pod.reason:
            found.append((numbers[pod.uid], pod.reason))
    for one in look.workloads:
        if one.name in wanted and one.trouble:
            found.append((one.name, one.trouble))
    return tuple(sorted(found))


@dataclass
class _Life:
    pod: Pod
    name: str
    points: list[tuple[float, str, int]] = field(default_factory=list)  # seconds, state, restarts
    ended: float | None = None


def tell(looks: Sequence[Look], case: Case, app: str) -> Story:
    """Return the story of the pods of an app, from a fault on.

    Every pod that is told to end gets a bar ``"stopping"``, and every new one ``"starting"``, also
    if nobody looked in between: the same course of events gives the same bars.

    Parameters
    ----------
    looks: in order; the first one was taken before the fault.
    """
    called = names(looks, app)
    lives: dict[str, _Life] = {}
    for place, look in enumerate(looks):
        listed = {pod.uid: pod for pod in look.pods if pod.uid in called}
        for uid, pod in listed.items():
            if uid not in lives:
                lives[uid] = _Life(pod, called[uid])
            _look(lives[uid], pod, place == 0, look.at - case.began)
        for uid, life in lives.items():
            if uid not in listed and life.ended is None:
                _end(life, look.at - case.began)
    end = max(looks[-1].at - case.began, 0.0)
    bars = sorted(
        (bar for life in lives.values() for bar in _bars(life, looks, case, end)),
        key=lambda bar: (bar.start, _number(bar.task), bar.generation, bar.end),
    )
    recovered = _recovered(looks, case, app)
    nodes = tuple(dict.fromkeys(node for look in looks for node in look.nodes))
    moments = _moments(lives, looks, case, recovered)
    return Story(
        case.fault, case.target, nodes, tuple(bars), moments, end, recovered, case.order
    )  # fmt: skip


def _number(task: str) -> int:
    last = task.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


def _look(life: _Life, pod: Pod, first: bool, when: float) -> None:
    if life.ended is not None:
        return
    now = pod.state
    before = life.points[-1] if life.points else None
    if before is None and not first and now not in ("starting", "waiting"):
        life.points.append((when, "starting", 0))
        before = life.points[-1]
    if before and now == "starting" and before[1] in ("running", "unhealthy"):
        now = "unhealthy" if pod.restarts == before[2] else "starting"
    elif before and before[1] == "unhealthy" and now == "starting" and pod.restarts == before[2]:
        now = "unhealthy"
    life.pod = pod
    if now == "over":
        if before and before[1] not in ("stopping", "over"):
            life.points.append((when, "stopping", pod.restarts))
        _end(life, when)
        return
    if before is None or (before[1], before[2]) != (now, pod.restarts):
        if before and pod.restarts > before[2] and now == "running":
            life.points.append((when, "starting", pod.restarts))
        life.points.append((when, now, pod.restarts))


def _end(life: _Life, when: float) -> None:
    if life.points and life.points[-1][1] not in ("stopping", "waiting"):
        life.points.append((when, "stopping", life.points[-1][2]))
    life.ended = when


def _bars(life: _Life, looks: Sequence[Look], case: Case, end: float) -> list[Bar]:
    last = life.ended if life.ended is not None else end
    versions = {pod.version for look in looks for pod in look.pods if pod.app == life.pod.app}
    tag = life.pod.version if len(versions) > 1 else ""
    found: list[Bar] = []
    for place, (start, state, restarts) in enumerate(life.points):
        later = life.points[place + 1 :]
        until = later[0][0] if later else last
        if until < 0.0 or (until == 0.0 and later):
            continue  # before the fault
        cause = ""
        if later and later[0][2] > restarts:  # the container is started again in its pod
            cause = case.cause if life.pod.uid in case.pods else "failed"
        elif not later and life.ended is not None:
            cause = _cause(life, looks, case)
        node = "" if state == "waiting" else life.pod.node
        found.append(Bar(
            life.name, node, state, max(start, 0.0), max(until, 0.0), cause, restarts + 1, tag
        ))  # fmt: skip
    return found


def _cause(life: _Life, looks: Sequence[Look], case: Case) -> str:
    pod = life.pod
    if pod.uid in case.pods:
        return case.cause
    if pod.phase == "Failed" and not pod.ending:
        return "failed"
    newest = {one.newest for one in looks[-1].workloads if one.app == pod.app and one.newest}
    if newest and pod.template not in newest:
        older = looks[0].workloads and pod.uid not in {p.uid for p in looks[0].pods}
        return "rolled_back" if case.fault == "rollback" or older else "updated"
    return "scaled_down" if case.fault in ("scale", "autoscale") else case.cause


def is_short(look: Look, app: str) -> bool:
    """Whether fewer pods of an app are ready than are asked for."""
    wanted = sum(one.desired for one in look.workloads if one.app == app)
    return sum(pod.ready for pod in alive(look.pods, app)) < wanted


def _recovered(looks: Sequence[Look], case: Case, app: str) -> float | None:
    """Return when as many pods were ready as asked for; see `Story.recovered`."""
    found, short = 0.0, False
    for look in looks:
        if look.at < case.began:
            continue
        if is_short(look, app):
            short = True
        elif short:
            found, short = look.at - case.began, False
    return None if short else found


def _moments(
    lives: dict[str, _Life], looks: Sequence[Look], case: Case, recovered: float | None
) -> tuple[Moment, ...]:
    found = [Moment(0.0, "fault", "", case.target, case.fault), *case.seen]
    if case.pods and (when := _noticed(lives, looks, case)) is not None:
        found.append(Moment(when, "noticed", "", case.target))
    if recovered:
        found.append(Moment(recovered, "recovered"))
    order = lambda one: (one.seconds, ORDER.index(one.what) if one.what in ORDER else 9)  # noqa: E731
    return tuple(sorted(found, key=order))


def _noticed(lives: dict[str, _Life], looks: Sequence[Look], case: Case) -> float | None:
    """Return when the cluster acted: a new pod was made, or a container started again."""
    hit = [life for uid, life in lives.items() if uid in case.pods]
    restarted = [
        later[0]
        for life in hit
        for before, later in zip(life.points, life.points[1:], strict=False)
        if later[2] > before[2]
    ]
    there = {pod.uid for pod in looks[0].pods}
    made = [life.points[0][0] for uid, life in lives.items() if uid not in there and life.points]
    return min([*restarted, *made], default=None)
