"""A service updated while requests come in, each of which is counted."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ..cluster.model import View
from ..engine.patience import until
from .autoscaling import named
from .case import Case
from .counting import Sample, count
from .model import Load, Story
from .phases import version
from .recording import settle
from .sending import Sender
from .states import calm
from .telling import tell
from .watching import Watching

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["update"]

UPDATED = 240.0  # seconds for an update, or an update and its rollback
OVER = ("completed", "rollback_completed", "paused", "rollback_paused")
BEFORE, AFTER = 10, 10  # requests that are answered before the update begins, and after its end
REPLIES = 120.0  # seconds for so many


def update(
    cluster: Cluster,
    service: str,
    image: str,
    *,
    per_second: float = 8,
    port: int = 8080,
    path: str = "/",
) -> tuple[Story, Load]:
    """Give a service another image while requests come in, until the orchestrator has finished.

    How it proceeds, and what it does if the new tasks fail, is said by the service itself:
    ``update_config`` in the stack's file. The end is a state that the orchestrator tells: the
    update is complete, or rolled back, or it has stopped.

    Parameters
    ----------
    service: its name, as in the stack's file or as the swarm knows it.
    image: the new one, as the nodes call it.
    per_second: requests a second.
    port: of the cluster, where the front door of the service is.
    path: what is asked for.

    Raises
    ------
    NotFound: no such service.
    NetworkFailed: more requests than the course sends.
    TimedOut: it did not come to an end.
    ClusterFailed, EngineLost: as for the cluster's own calls.
    """
    found, name = named(cluster.look(), service)
    order = f"service update --detach --image {image} {found.name}"
    with Watching(cluster) as watching:
        first = settle(watching, (name,))
        sender = Sender(cluster.port(port), per_second, path)
        sender.settle()
        with sender:
            _replies(sender, BEFORE)
            clock = time.time() - sender.seconds
            case = Case(
                "update", name, f"docker {order}", time.time(), version=version(found.image)
            )
            cluster.docker(order)
            watching.until(
                lambda view: _over(view, name) and calm(view, (name,)), UPDATED,
                "healing.waiting.updated", name=name,
            )  # fmt: skip
            _replies(sender, len(sender.replies) + AFTER)
            seconds = sender.seconds
        views = [view for view in watching.views if view.at >= first.at]
    if _rolled_back([view for view in views if view.at >= case.began], name):
        case = replace(case, fault="bad_update")
    story = tell(views, case, (name,))
    samples = [_sample(view, name, clock) for view in views]
    load = count(sender.replies, samples, seconds=seconds)
    return story, load


def _over(view: View, name: str) -> bool:
    """Whether the orchestrator has finished with an update, one way or the other.

    What it says of an earlier update may still stand there. So all that runs must also have the
    image that the service asks for: the new one, or the old one again after a rollback.
    """
    service = next((one for one in view.services if one.name == name), None)
    if service is None or service.update not in (*OVER, ""):
        return False
    if service.update in ("paused", "rollback_paused"):
        return True
    return all(one.image == service.image for one in view.tasks if one.service == name and one.runs)


def _rolled_back(views: list[View], name: str) -> bool:
    return any(
        one.name == name and one.update.startswith("rollback")
        for view in views for one in view.services
    )  # fmt: skip


def _replies(sender: Sender, number: int) -> None:
    """Wait until so many requests are over, so that the picture shows the time around it too."""
    until(lambda: len(sender.replies) >= number, REPLIES, "healing.waiting.replies", count=number)


def _sample(view: View, name: str, clock: float) -> Sample:
    desired = next((one.desired for one in view.services if one.name == name), None) or 0
    runs = sum(one.service == name and one.runs for one in view.tasks)
    return Sample(max(view.at - clock, 0.0), runs, desired)
