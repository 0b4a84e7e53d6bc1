"""A service whose tasks each reserve a share of a node: crates of one size to be packed."""

from __future__ import annotations

import contextlib
import io

from .. import bases
from ..errors import ComposeFailed
from ..text import plain
from .model import Progress
from .watching import LIMIT, Swarm, follow

__all__ = ["reserve"]


def reserve(
    cluster: Swarm, name: str, *, cpu: float, replicas: int, limit: float = LIMIT
) -> Progress:
    """Run a service that does nothing, each task of which reserves a share of a node's processors.

    Machines have different numbers of them; a share lets a lesson tell the same story on all. If
    the service is there already, it is changed.

    Parameters
    ----------
    cpu: the share: 0.4 is 40 % of the processors of the smallest node.
    replicas: how many tasks.

    Raises
    ------
    ComposeFailed: the swarm refused it.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # how images get to nodes is not the point
        image = cluster.image(bases.busybox(cluster.engine))
    cores = min((node.cpus for node in cluster.look().nodes), default=1.0) * cpu
    there = any(one.name == name for one in cluster.look().services)
    sizes = ["--replicas", str(replicas), "--reserve-cpu", f"{cores:.3f}"]
    sizes += ["--update-parallelism", "0", "--update-monitor", "500ms"]
    shown = f"--replicas {replicas} --reserve-cpu … ({round(cpu * 100)} %)"
    if there:
        words = ["service", "update", "--detach", "--quiet", *sizes, name]
        order = f"docker service update --detach {shown} {name}"
    else:
        rest = ["--restart-delay", "500ms", "--stop-grace-period", "1s"]
        words = ["service", "create", "--detach", "--quiet", "--name", name, *sizes, *rest, image,
                 "sleep", "86400"]  # fmt: skip
        order = f"docker service create --detach --name {name} {shown} … sleep 86400"

    def run() -> None:
        print(f"$ {plain(order)}", flush=True)
        done = cluster.docker(words, show=False)
        if done.exit_code:
            raise ComposeFailed("stacks.order_refused", order=order, reason=done.output.strip())

    return follow(cluster, order, run, {name}, limit)
