"""A HorizontalPodAutoscaler at work: load that is bounded, and what becomes of the pods."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import NotFound
from ..healing.counting import Sample, count
from ..healing.model import Load
from . import metrics
from .api import Refused
from .asking import requests
from .looking import EVERY, look
from .pods import alive
from .steering import workload

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["PLAN", "autoscale"]

# Requests a second, seconds: a little, a lot, a little again until the pods are back.
PLAN = ((0.25, 4.0), (6.0, 12.0), (0.25, 60.0))
LONGER = 60.0  # seconds more of a lot, if the autoscaler has not acted yet
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
    samples: list[Sample] = []
    high = max(rate for rate, _ in plan)
    steps = [(seconds, rate) for rate, seconds in plan]
    first = None
    with requests(cluster, name, steps, path) as sender:
        while not sender.finished:
            sample = _sample(cluster, name, sender.seconds)
            samples.append(sample)
            first = first or sample
            if _back(samples, steps, high):
                break
            time.sleep(EVERY)
        seconds = sender.seconds
    target = _autoscaler(cluster, name)["spec"].get("targetCPUUtilizationPercentage", 80)
    return count(sender.replies, samples, seconds=seconds, unit="cpu", target=target / 100)


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


def _back(samples: Sequence[Sample], steps: Sequence[tuple[float, float]], high: float) -> bool:
    """Whether the load is over, more pods ran than at first, and now as few as then."""
    loaded = 0.0
    for seconds, rate in steps:
        loaded += seconds
        if rate == high:
            break
    most = max(one.replicas for one in samples)
    begin, last = samples[0].replicas, samples[-AT_LEAST:]
    return (
        samples[-1].seconds > loaded
        and most > begin
        and all(one.replicas <= begin and one.desired <= begin for one in last)
    )
