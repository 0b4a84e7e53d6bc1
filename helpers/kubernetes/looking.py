"""Look at the namespace of the course: its pods, and how far what runs them has come."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from ..text import plain
from .pods import Look, Pod, Workload, alive, pod_of, tag_of

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["Stuck", "follow", "followed", "hopeless", "look", "pods"]

EVERY = 0.25  # seconds between two looks
AFTER = 1.0  # seconds for which one looks on after the end, so that it is seen
STEADY = 2.5  # seconds that a hopeless state must last
REVISION = "deployment.kubernetes.io/revision"
# Reasons that do not go away by waiting (kubelet: pkg/kubelet/images, pkg/kubelet/kuberuntime)
_FINAL = ("ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "CrashLoopBackOff")


def pods(cluster: Cluster) -> tuple[Pod, ...]:
    """Return all pods of the namespace, those that have ended included."""
    listed = cluster.api.get(f"{cluster.core}/pods")
    now = time.time() + cluster.ahead
    return tuple(pod_of(one, now) for one in listed.get("items") or [])


def look(cluster: Cluster) -> Look:
    """Return what there is at this moment."""
    api, apps = cluster.api, cluster.apps
    sets = api.get(f"{apps}/replicasets").get("items") or []
    found = [_deployment(one, sets) for one in api.get(f"{apps}/deployments").get("items") or []]
    found += [_daemons(one) for one in api.get(f"{apps}/daemonsets").get("items") or []]
    return Look(time.time(), pods(cluster), tuple(found), cluster.nodes)


def follow(
    cluster: Cluster,
    seconds: float,
    done: Callable[[Look], bool] = lambda look: False,
    first: Look | None = None,
) -> Iterator[Look]:
    """Yield looks until one of them is what was waited for, or time is up; the last one included.

    Parameters
    ----------
    first: yielded ahead of them: what was seen before the order.
    """
    if first is not None:
        yield first
    deadline = time.monotonic() + seconds
    while True:
        now = look(cluster)
        yield now
        if done(now) or time.monotonic() > deadline:
            return
        time.sleep(EVERY)


def followed(
    cluster: Cluster, seconds: float, done: Callable[[Look], bool], first: Look
) -> list[Look]:
    """Return what `follow` yields, and a little more if that took a while: the end is seen."""
    looks = list(follow(cluster, seconds, done, first))
    return looks if len(looks) <= 2 else [*looks, *follow(cluster, AFTER)]


def hopeless(look: Look, workload: str) -> bool:
    """Whether pods of a workload cannot run as things are: no room, no image, no permission."""
    one = look.workload(workload)
    if one is None:
        return False
    if one.stuck or (one.seen and one.trouble):
        return True
    return any(_final(pod) for pod in alive(look.pods, one.app))


def resting(look: Look, workload: str) -> bool:
    """Whether nothing moves any more: each pod of a workload is ready, or cannot be."""
    one = look.workload(workload)
    return one is not None and all(
        pod.ready or _final(pod) for pod in alive(look.pods, one.app)
    )  # fmt: skip


class Stuck:
    """Whether workloads have come to rest without being what was asked for, and stay so.

    One look is not enough: what a controller could not do stays noted until it has looked again.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._since: float | None = None

    def __call__(self, look: Look) -> bool:
        names = self._names
        rests = all(resting(look, name) for name in names)
        if not rests or not any(hopeless(look, name) for name in names):
            self._since = None
        elif self._since is None:
            self._since = look.at
        return self._since is not None and look.at - self._since >= STEADY


def _final(pod: Pod) -> bool:
    unplaced = pod.state == "waiting" and "nodes are available" in pod.reason
    return unplaced or (not pod.ready and pod.reason.startswith(_FINAL))


def _deployment(body: Mapping, sets: list[Mapping]) -> Workload:
    spec, status, metadata = body["spec"], body.get("status") or {}, body["metadata"]
    conditions = {one["type"]: one for one in status.get("conditions") or []}
    revision = (metadata.get("annotations") or {}).get(REVISION)
    newest = ""
    for one in sets:
        owners = one["metadata"].get("ownerReferences") or []
        if any(owner.get("uid") == metadata["uid"] for owner in owners) and revision == (
            one["metadata"].get("annotations") or {}
        ).get(REVISION):
            newest = (one["metadata"].get("labels") or {}).get("pod-template-hash", "")
    failure = conditions.get("ReplicaFailure", {})
    progressing = conditions.get("Progressing", {})
    return Workload(
        kind="Deployment",
        name=plain(metadata["name"]),
        app=_app(spec),
        desired=spec.get("replicas", 1),
        ready=status.get("readyReplicas", 0),
        current=status.get("updatedReplicas", 0),
        seen=status.get("observedGeneration", 0) >= metadata.get("generation", 0),
        newest=newest,
        trouble=_trouble(failure.get("message", "")) if failure.get("status") == "True" else "",
        stuck=progressing.get("reason") == "ProgressDeadlineExceeded",
        version=_version(spec),
        replicas=status.get("replicas", 0),
    )


def _daemons(body: Mapping) -> Workload:
    spec, status, metadata = body["spec"], body.get("status") or {}, body["metadata"]
    desired = status.get("desiredNumberScheduled", 0)
    return Workload(
        kind="DaemonSet",
        name=plain(metadata["name"]),
        app=_app(spec),
        desired=desired,
        ready=status.get("numberReady", 0),
        current=status.get("updatedNumberScheduled", 0),
        seen=desired > 0 and status.get("observedGeneration", 0) >= metadata.get("generation", 0),
        version=_version(spec),
        replicas=status.get("currentNumberScheduled", 0),
    )


def _app(spec: Mapping) -> str:
    marks = spec["template"].get("metadata", {}).get("labels") or {}
    return plain(marks.get("app", ""))


def _version(spec: Mapping) -> str:
    containers = spec["template"].get("spec", {}).get("containers") or [{}]
    return plain(tag_of(containers[0].get("image", "")))


def _trouble(message: str) -> str:
    """Leave out the random end of the name of a pod that could not be made."""
    return plain(re.sub(r'pods "([\w.-]+?)-[a-z0-9]+-?[a-z0-9]*" is', r'pods "\1-…" is', message))
