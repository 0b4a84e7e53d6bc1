"""Whether a look at a swarm shows what is waited for. Told by states alone, never by time."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..cluster.model import View
from .case import Case

__all__ = ["calm", "enough", "lasting", "led", "led_anew", "noticed"]


def enough(view: View, services: Iterable[str], case: Case | None = None) -> bool:
    """Whether as many tasks run as are asked for, without counting those that a fault has hit.

    A task counts if its node answers. One on a node that was stopped or cut does not count while
    the fault lasts, even if the swarm has not noticed yet and calls it *running*.
    """
    ready = {node.name for node in view.nodes if node.state == "ready"}
    if case is not None:
        empty = case.nodes if case.undone is None or view.at < case.undone else frozenset()
        ready -= empty
    hit = case.tasks if case is not None else frozenset()
    for name in services:
        service = next((one for one in view.services if one.name == name), None)
        if service is None or service.desired is None:
            return False
        runs = sum(
            one.service == name and one.runs and one.node in ready and one.id not in hit
            for one in view.tasks
        )
        if runs < service.desired:
            return False
    return True


def calm(view: View, services: Iterable[str], but: Iterable[str] = ()) -> bool:
    """Whether nothing is under way: as many run as asked for, and no other task is left over.

    Parameters
    ----------
    but: names of nodes that are away or empty on purpose.
    """
    left_out = frozenset(but)
    wanted = frozenset(services)
    for node in view.nodes:
        if node.name not in left_out and (node.state, node.availability) != ("ready", "active"):
            return False
    for task in view.tasks:
        if task.service in wanted and task.node not in left_out and not (task.ended or task.runs):
            return False
    counts = {name: 0 for name in wanted}
    for task in view.tasks:
        if task.service in wanted and task.runs and task.node not in left_out:
            counts[task.service] += 1
    asked = {one.name: one.desired for one in view.services if one.name in wanted}
    return counts == asked


def noticed(view: View, case: Case) -> bool:
    """Whether the swarm knows of the fault."""
    if case.tasks:
        return not any(one.id in case.tasks and one.runs for one in view.tasks)
    nodes = [one for one in view.nodes if one.name in case.nodes]
    if case.breaks_nodes:
        return all(one.state == "down" for one in nodes)
    return all(one.availability == "drain" for one in nodes)


def led(view: View, case: Case) -> bool:
    """Whether a manager leads that the fault has not hit."""
    return any(one.leader and one.name not in case.nodes for one in view.nodes)


def led_anew(case: Case) -> bool:
    """Whether the fault is one after which the managers elect a leader."""
    return case.fault in ("lose_manager", "lose_quorum")


def lasting(holds: Callable[[View], bool], seconds: float) -> Callable[[View], bool]:
    """Return a condition that is met when ``holds`` is for all looks of so many seconds."""
    since: list[float] = []

    def held(view: View) -> bool:
        if not holds(view):
            since.clear()
            return False
        since.append(view.at)
        return view.at - since[0] >= seconds

    return held
