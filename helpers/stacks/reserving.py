"""A service whose tasks each reserve a share of a node: crates of one size to be packed."""

from __future__ import annotations

import contextlib
import io

from .. import bases
from ..cluster.model import ENDED
from ..engine.patience import until
from ..errors import ComposeFailed
from ..text import plain
from .model import Progress
from .watching import LIMIT, Swarm, follow

__all__ = ["reserve"]

GONE = 60.0  # seconds for the tasks of an earlier run to end


def reserve(
    cluster: Swarm, name: str, *, cpu: float, replicas: int, limit: float = LIMIT
) -> Progress:
    """Run a service that does nothing, each task of which reserves a share of a node's processors.

    Machines have different numbers of them; a share lets a lesson tell the same story on all. If
    the service is there already, it is made anew: tasks that are replaced while others still run
    are spread by what happens to be free at that moment.

    Parameters
    ----------
    cpu: the share: 0.4 is 40 % of the processors of the smallest node.
    replicas: how many tasks.

    Raises
    ------
    ComposeFailed: the swarm refused it.
    TimedOut: the tasks of an earlier one did not end.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # how images get to nodes is not the point
        image = cluster.image(bases.busybox(cluster.engine))
    cores = min((node.cpus for node in cluster.look().nodes), default=1.0) * cpu
    for old in [one.id for one in cluster.look().services if one.name == name]:
        cluster.docker(["service", "rm", name])
        until(lambda: _gone(cluster, old), GONE, "stacks.waiting_gone", name=name)  # noqa: B023
    words = ["service", "create", "--detach", "--quiet", "--name", name, "--replicas",
             str(replicas), "--reserve-cpu", f"{cores:.3f}", "--restart-delay", "500ms",
             "--stop-grace-period", "1s", image, "sleep", "86400"]  # fmt: skip
    share = f"--reserve-cpu … ({round(cpu * 100)} %)"
    order = f"docker service create --name {name} --replicas {replicas} {share} … sleep 86400"

    def run() -> None:
        print(f"$ {plain(order)}", flush=True)
        done = cluster.docker(words, show=False)
        if done.exit_code:
            raise ComposeFailed("stacks.order_refused", order=order, reason=done.output.strip())

    return follow(cluster, order, run, {name}, limit)


def _gone(cluster: Swarm, service: str) -> bool:
    """Whether no task of a service that was removed holds its reservation any more."""
    found = [one for one in cluster.api().tasks() if one.get("ServiceID") == service]
    return all(one["Status"]["State"] in ENDED for one in found)
