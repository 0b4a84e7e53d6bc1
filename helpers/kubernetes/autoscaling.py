"""A HorizontalPodAutoscaler at work: load that is bounded, and what becomes of the pods."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import NotFound
from ..healing.counting import Reply, Sample, count
from ..healing.model import Load
from ..healing.sending import Sender
from . import metrics
from .api import Refused
from .asking import way
from .looking import EVERY, look
from .pods import alive
from .steering import workload

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["PLAN", "autoscale"]

# Requests a second, seconds: a little, a lot, a little again until the pods are back.
PLAN = ((0.25, 4.0), (6.0, 12.0), (0.25, 45.0))
LONGEST = 40.0  # seconds of a lot, if the autoscaler has not acted before
AT_LEAST = 2  # looks that must agree before the end
IMAGE = "lbl/debian:12"  # of the metrics API: it has Python


def autoscale(
    cluster: Cluster, name: str, path: str, plan: Sequence[tuple[float, float]] = PLAN
) -> Load:
    """Send load, and record what the HorizontalPodAutoscaler of a Deployment makes of it.

    A metrics API is installed first, if the cluster has none. The end is reached when as few pods
    run as at the beginning, at the latest with the end of the plan.

    Raises
    ------
    NotFound: the Deployment has no autoscaler.
    TimedOut: the metrics API did not come up.
    """
    _autoscaler(cluster, name)
    metrics.install(cluster, IMAGE)
    _measured(cluster, name)
    target = _autoscaler(cluster, name)["spec"].get("targetCPUUtilizationPercentage", 80)
    high = max(rate for rate, _ in plan)
    samples: list[Sample] = []
    replies: list[Reply] = []
    begun = time.monotonic()
    with way(cluster, name) as (address, place):
        for rate, least in plan:
            offset = time.monotonic() - begun
            with Sender(address, rate, place + path) as sender:
                while not _enough(samples, rate, high, sender.seconds, least):
                    samples.append(_sample(cluster, name, time.monotonic() - begun))
                    time.sleep(EVERY)
            replies += [replace(one, seconds=one.seconds + offset) for one in sender.replies]
    seconds = time.monotonic() - begun
    return count(replies, samples, seconds=seconds, unit="cpu", target=target / 100)


def _enough(
    samples: Sequence[Sample], rate: float, high: float, seconds: float, least: float
) -> bool:
    """Whether a step of the plan is over.

    With a lot of load, not before more pods run than at first; after it, as soon as no more do.
    """
    if not samples:
        return False
    begin = samples[0].replicas
    risen = max(one.replicas for one in samples) > begin
    if rate == high:
        return seconds >= (least if risen else max(LONGEST, least))
    down = all(one.replicas <= begin and one.desired <= begin for one in samples[-AT_LEAST:])
    return seconds >= least or (risen and down)


def _autoscaler(cluster: Cluster, name: str) -> dict:
    place = f"/apis/autoscaling/v1/namespaces/{cluster.namespace}/horizontalpodautoscalers"
    for one in cluster.api.get(place).get("items") or []:
        if one["spec"]["scaleTargetRef"]["name"] == name:
            return one
    raise NotFound("kubernetes_use.no_autoscaler", name=name)


def _measured(cluster: Cluster, name: str) -> None:
    """Wait until the autoscaler knows a usage: then its rule works."""
    from ..engine.patience import until

    def known() -> bool:
        status = _autoscaler(cluster, name).get("status") or {}
        return status.get("currentCPUUtilizationPercentage") is not None

    until(known, 120.0, "kubernetes_use.waiting_usage", name=name)


def _sample(cluster: Cluster, name: str, seconds: float) -> Sample:
    now = look(cluster)
    one = workload(now, name)
    usage = None
    try:
        status = _autoscaler(cluster, name).get("status") or {}
        if (percent := status.get("currentCPUUtilizationPercentage")) is not None:
            usage = percent / 100
    except Refused:
        usage = None
    ready = sum(pod.ready for pod in alive(now.pods, one.app))
    return Sample(seconds, ready, one.desired, usage)
