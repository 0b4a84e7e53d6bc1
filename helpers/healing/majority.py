"""A majority of the managers is lost: nobody may decide any more, and what runs, runs on."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import docker

from ..errors import CourseError
from ..messages import text
from .case import Case
from .sending import ask
from .watching import Watching

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["without_majority"]

ANSWER = 4.0  # seconds for which an order is waited for
OWN = "com.docker.swarm.service.name"  # label of a task's container
PORT = 8080  # of node-1, where the front door is


def without_majority(cluster: Cluster, case: Case, watching: Watching) -> None:
    """Try to give an order after a majority was lost, and print what comes of it and what runs on.

    The order is one that does no harm: a leader that has not yet noticed keeps it in its list, and
    carries it out if the others come back soon enough.
    """
    # Nobody can be asked from now on: this is what was known last.
    watching.note(replace(watching.views[-1], at=time.time()))
    left = next(name for name in cluster.names if name not in case.nodes)
    answered = _order(cluster, left)
    print(text(f"healing.order.{'answered' if answered else 'silent'}"))
    services = ", ".join(sorted(_services(cluster, left)))
    print(text("healing.runs_on", node=left, services=services))
    if PORT in cluster.ports:
        well = ask("127.0.0.1", cluster.ports[PORT], "/") is not None
        print(text(f"healing.page.{'answers' if well else 'silent'}"))


def _order(cluster: Cluster, node: str) -> bool:
    """Give an order, and print it; return whether it was carried out."""
    words = f"node update --label-add asked=yes {node}"
    print(f"{node} $ docker {words}", flush=True)
    try:
        return not cluster.docker(words, node=node, limit=ANSWER, show=False).exit_code
    except CourseError:  # no answer in time; or, if it takes longer, "no leader"
        return False


def _services(cluster: Cluster, node: str) -> set[str]:
    """Return the services of the containers that run on a node, asked there."""
    try:
        rows = cluster.api(node).containers(filters={"label": OWN, "status": "running"})
    except (docker.errors.DockerException, CourseError):
        return set()
    return {row["Labels"][OWN] for row in rows}
