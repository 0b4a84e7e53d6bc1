"""Bring images from the learner's daemon to the nodes of a cluster: these have their own store."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import bases
from ..errors import KubernetesFailed, NotFound, TimedOut
from ..text import plain

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["bring", "loader"]

LIMIT = 600.0  # seconds for a tool to copy an image


def loader(context: str, name: str) -> list[str] | None:
    """Return the command that copies an image to the nodes of a cluster made by a known tool.

    An empty list: nothing to do, the cluster takes its images from the same daemon. None: the
    cluster is of another kind, and needs a registry.
    """
    tool, _, cluster = context.partition("-")
    if context in ("docker-desktop", "docker-for-desktop", "orbstack", "rancher-desktop"):
        return []
    if tool == "kind" and cluster:
        return ["kind", "load", "docker-image", name, "--name", cluster]
    if tool == "k3d" and cluster:
        return ["k3d", "image", "import", name, "--cluster", cluster]
    if context == "minikube":
        return ["minikube", "image", "load", name]
    return None


def bring(cluster: Cluster, names: Sequence[str]) -> None:
    """Bring images to the nodes; base images of the course are made first if they are missing.

    Raises
    ------
    NotFound: the learner's daemon has no such image, or the cluster's own tool is not installed.
    KubernetesFailed: the tool failed, or the cluster can only pull from a registry.
    """
    for name in names:
        if name in bases.MAKERS:
            bases.MAKERS[name](cluster.engine)
    if cluster.own:
        from . import own

        running = own.running(cluster.engine)
        if running is None:
            raise KubernetesFailed("kubernetes_use.stopped")
        running.load(names, cluster.engine)
    else:
        for name in names:
            _copy(cluster, name)


def _copy(cluster: Cluster, name: str) -> None:
    command = loader(cluster.context, name)
    if command is None:
        raise KubernetesFailed("kubernetes_use.registry", context=cluster.context, image=name)
    if not command:
        return
    shown = " ".join(command)
    print(f"$ {plain(shown)}", flush=True)
    environment = cluster.engine.environment()
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise NotFound("kubernetes_use.no_tool", tool=command[0], context=cluster.context)
    try:
        done = subprocess.run(
            [program, *command[1:]], env=environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=LIMIT, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimedOut("kubernetes_use.waiting_kubectl", command=shown, seconds=LIMIT) from None
    if done.returncode:
        reason = plain((done.stderr or done.stdout).strip()[-500:])
        raise KubernetesFailed("kubernetes_use.not_done", command=shown, reason=reason)
