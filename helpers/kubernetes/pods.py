"""Pods as the API server lists them, made into plain data."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..text import plain

__all__ = ["Look", "Pod", "Workload", "alive", "numbered", "pod_of", "seconds_of"]

LATE = 2.0  # seconds that a pod may be listed after its time to end, before it counts as over


@dataclass(frozen=True)
class Pod:
    """One pod.

    Fields
    ------
    app: its label ``app``.
    node: empty until the scheduler has found one.
    phase: ``"Pending"``, ``"Running"``, ``"Succeeded"``, ``"Failed"``, ``"Unknown"``.
    ready: whether all its containers run and are ready, so that services send it requests.
    restarts: how often containers were started again in it.
    made: in seconds of the Unix epoch, by the server's clock (whole seconds).
    ending: whether it was told to end.
    over: whether it has ended. It may stay listed for a while: with Kubernetes 1.20 up to 45 s.
    late: whether the time that it had for ending is up.
    template: which version of the template made it (``pod-template-hash`` or the like).
    version: tag of its first container's image.
    reason: why it does not run, in the words of scheduler or kubelet.
    """

    uid: str
    name: str
    app: str
    node: str
    phase: str
    ready: bool
    restarts: int
    made: float
    ending: bool = False
    over: bool = False
    template: str = ""
    version: str = ""
    reason: str = ""
    address: str = ""
    late: bool = False

    @property
    def state(self) -> str:
        """``"waiting"`` (no node), ``"starting"``, ``"running"`` (and ready), ``"stopping"``,
        or ``"over"``."""
        if self.over:
            return "over"
        if self.ending:
            return "stopping"
        if self.ready:
            return "running"
        return "starting" if self.node else "waiting"


@dataclass(frozen=True)
class Workload:
    """What runs pods: a Deployment, DaemonSet or StatefulSet, and how far it has come.

    Fields
    ------
    desired: pods that should run. ready: those that are. current: those of the newest template.
    seen: whether its controller has taken note of the newest specification.
    newest: the newest template, as in `Pod.template`; empty where it is not known.
    trouble: what its controller could not do, in its words.
    stuck: whether a rollout has made no progress for its ``progressDeadlineSeconds``.
    """

    kind: str
    name: str
    app: str
    desired: int
    ready: int
    current: int
    seen: bool
    newest: str = ""
    trouble: str = ""
    stuck: bool = False
    version: str = ""
    replicas: int = 0

    @property
    def settled(self) -> bool:
        """Whether as many pods are ready as should be, all of the newest template, no others."""
        whole = self.desired == self.ready == self.current == self.replicas
        return self.seen and whole


@dataclass(frozen=True)
class Look:
    """Everything seen at one moment. ``at``: seconds of the Unix epoch by this machine's clock."""

    at: float
    pods: tuple[Pod, ...]
    workloads: tuple[Workload, ...] = ()
    nodes: tuple[str, ...] = field(default=())

    def workload(self, name: str) -> Workload | None:
        return next((one for one in self.workloads if one.name == name), None)


def pod_of(body: Mapping, now: float) -> Pod:
    """Read a pod of the API (``v1.Pod``). ``now``: by the server's clock, as well as is known."""
    metadata, spec, status = body["metadata"], body.get("spec") or {}, body.get("status") or {}
    marks = metadata.get("labels") or {}
    containers = status.get("containerStatuses") or []
    conditions = {one["type"]: one for one in status.get("conditions") or []}
    phase = status.get("phase", "Unknown")
    told = metadata.get("deletionTimestamp")
    # 1.20 says of an ended container that it is being created, as soon as it has been removed
    ended = not any("running" in (one.get("state") or {}) for one in containers)
    late = told is not None and now > seconds_of(told) + LATE
    over = phase in ("Succeeded", "Failed") or (told is not None and (ended or late))
    images = [container.get("image", "") for container in spec.get("containers") or [{}]]
    return Pod(
        uid=metadata.get("uid", ""),
        name=plain(metadata["name"]),
        app=plain(marks.get("app", "")),
        node=plain(spec.get("nodeName") or ""),
        phase=phase,
        ready=conditions.get("Ready", {}).get("status") == "True" and not over,
        restarts=sum(one.get("restartCount", 0) for one in containers),
        made=seconds_of(metadata.get("creationTimestamp")),
        ending=told is not None,
        over=over,
        template=marks.get("pod-template-hash") or marks.get("controller-revision-hash") or "",
        version=plain(tag_of(images[0])),
        reason=_reason(status, conditions, containers),
        address=status.get("podIP", ""),
        late=late,
    )


def _reason(status: Mapping, conditions: Mapping, containers: Iterable[Mapping]) -> str:
    placed = conditions.get("PodScheduled", {})
    if placed.get("status") == "False":
        return plain(placed.get("message") or placed.get("reason") or "")
    for one in containers:
        state = one.get("state") or {}
        waiting = state.get("waiting") or {}
        if (reason := waiting.get("reason", "")) not in (
            "",
            "ContainerCreating",
            "PodInitializing",
        ):
            message = waiting.get("message") or ""
            return plain(f"{reason}: {message}" if message else reason)
        ended = state.get("terminated") or {}
        if ended and ended.get("reason") != "Completed":
            return plain(f"{ended.get('reason', 'Error')} ({ended.get('exitCode', '?')})")
    return plain(status.get("message") or "")


def tag_of(image: str) -> str:
    """Return an image's tag: ``2`` of ``registry:5000/lbl/page:2@sha256:…``."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def seconds_of(stamp: str | None) -> float:
    """Return a time of the API (RFC 3339, in UTC) as seconds of the Unix epoch; 0.0 for none."""
    if not stamp:
        return 0.0
    whole, _, rest = stamp.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float(f"0.{rest or 0}")


def alive(pods: Iterable[Pod], app: str | None = None) -> tuple[Pod, ...]:
    """Return the pods that neither have ended nor were told to; of one app, if it is named."""
    return tuple(one for one in pods if not one.ending and not one.over and app in (None, one.app))


def numbered(pods: Iterable[Pod]) -> dict[str, str]:
    """Give each pod a short name, ``web 1``, by the order in which they were made: uid → name.

    Names of pods end with random letters; these names are the same in each run.
    """
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    for one in sorted(pods, key=lambda pod: (pod.made, pod.name)):
        counts[one.app] = counts.get(one.app, 0) + 1
        found[one.uid] = f"{one.app or one.name} {counts[one.app]}"
    return found
