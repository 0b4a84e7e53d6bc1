"""What the tests on a real cluster share: one of three nodes for a whole file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from helpers import bases, cluster
from helpers.cluster import Cluster, View
from helpers.engine import Engine

LESSON = "96"  # a lesson that there is not
LONG = 120.0  # seconds: far more than a loaded machine took


@pytest.fixture(scope="module")
def swarm(engine: Engine) -> Iterator[Cluster]:
    yield cluster.up(lesson=LESSON, engine=engine)
    cluster.down(engine, LESSON)


@pytest.fixture(scope="module")
def web(swarm: Cluster, engine: Engine) -> str:
    """A service of three tasks that end at once when they are asked to."""
    image = swarm.image(bases.busybox(engine))
    serve(swarm, image)
    return image


def serve(swarm: Cluster, image: str) -> None:
    swarm.docker(
        "service create --detach --quiet --name web --replicas 3 --stop-grace-period 1s"
        f" --restart-delay 500ms {image} sleep 900",
        show=False,
    )
    seen(swarm, runs(3))


def seen(swarm: Cluster, what: Callable[[View], object], seconds: float = LONG) -> View:
    """Return the first look in which something is so."""
    for view in swarm.watch(seconds):
        if what(view):
            return view
    raise AssertionError(f"not seen in {seconds} s; the last look: {view}")


def runs(count: int, away: str = "") -> Callable[[View], bool]:
    """Whether so many tasks of `web` run, on nodes that are ready and not ``away``."""

    def enough(view: View) -> bool:
        ready = {node.name for node in view.nodes if node.state == "ready"} - {away}
        return sum(task.runs and task.node in ready for task in view.tasks) == count

    return enough
