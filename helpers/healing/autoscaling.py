"""The course's autoscaler: it measures, and asks for as many replicas as its rule says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..cluster.model import Service, View
from ..errors import NotFound
from .counting import Sample, count
from .model import Load
from .recording import CALM
from .rule import Rule
from .sending import Sender
from .states import calm
from .usage import Meter
from .watching import Watching

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["autoscale"]

PERIOD = 1.0  # seconds between two measurements
LULL = 120.0  # seconds after the load until as few run as the rule allows


@dataclass
class _Scaler:
    """What the autoscaler keeps in mind from one measurement to the next."""

    rule: Rule
    fewer_since: float | None = None
    samples: list[Sample] = field(default_factory=list)

    def next(self, seconds: float, replicas: int, usage: float) -> int:
        wanted = self.rule.wanted(replicas, usage)
        if wanted >= replicas:
            self.fewer_since = None
        elif self.fewer_since is None:
            self.fewer_since = seconds
        lull = 0.0 if self.fewer_since is None else seconds - self.fewer_since
        found = self.rule.decide(replicas, usage, lull)
        if found != replicas:
            self.fewer_since = None
        return found


def autoscale(
    cluster: Cluster,
    service: str,
    rule: Rule | None = None,
    requests: Sequence[tuple[float, float]] = ((2, 1), (8, 10)),
    *,
    port: int = 8080,
    path: str = "/work?ms=40",
) -> Load:
    """Send load to a service and scale it by a rule, until the load is over and it is small again.

    Usage is the CPU that the containers of the service really take, as a share of what they have
    reserved. The autoscaler acts only when as many run as it asked for last.

    Parameters
    ----------
    service: its name, as in the stack's file or as the swarm knows it.
    rule: by default 80 % of the reserved CPU, with 1 to 4 replicas.
    requests: ``(seconds, requests a second)``, one after the other, as for `Sender`.
    port: of the cluster, where the front door of the service is.
    path: what is asked for.

    Raises
    ------
    NotFound: no such service, or it reserves no CPU, so that there is nothing to take a share of.
    NetworkFailed: the load is above the course's bounds.
    TimedOut: it did not become calm.
    ClusterFailed, EngineLost: as for the cluster's own calls.
    """
    rule = rule or Rule(0.8)
    found, short_name = named(cluster.look(), service)
    if not found.reserved_cpus:
        raise NotFound("healing.no_reservation", name=service)
    _scale(cluster, found.name, rule.least)
    meter = Meter(cluster, found.reserved_cpus)
    scaler = _Scaler(rule)
    print(rule)
    with Watching(cluster) as watching:
        watching.until(lambda view: calm(view, (short_name,)), CALM, "healing.waiting.calm")
        sender = Sender(cluster.port(port), requests, path)
        sender.settle()
        with sender:
            end: float | None = None
            while end is None or sender.seconds < end:
                at = sender.seconds
                _step(cluster, watching.views[-1], found.name, short_name, meter, scaler, at)
                if sender.finished and end is None:
                    end = sender.seconds + LULL
                least = scaler.samples[-1].replicas == scaler.samples[-1].desired == rule.least
                if sender.finished and least:
                    break
                time.sleep(max(0.0, at + PERIOD - sender.seconds))
            seconds = sender.seconds
        replies = sender.replies
    return count(
        replies, scaler.samples, seconds=seconds, unit="cpu", target=rule.target
    )  # fmt: skip


def _step(
    cluster: Cluster, view: View, full: str, name: str, meter: Meter, scaler: _Scaler, at: float
) -> None:
    """Measure once, and scale if the rule says so."""
    tasks = [one for one in view.tasks if one.service == name and one.runs]
    desired = next((one.desired for one in view.services if one.name == name), None) or 0
    usage = meter.read(tasks)
    scaler.samples.append(Sample(at, len(tasks), desired, usage))
    if usage is None or not tasks or len(tasks) != desired:
        return
    if (wanted := scaler.next(at, len(tasks), usage)) != desired:
        _scale(cluster, full, wanted)


def named(view: View, service: str) -> tuple[Service, str]:
    """Return a service by its full name or by its name in a stack's file, and the latter.

    Raises
    ------
    NotFound: there is none.
    """
    for one in view.services:
        short_name = one.name.removeprefix(f"{one.stack}_") if one.stack else one.name
        if service in (one.name, short_name):
            return one, short_name
    known = ", ".join(one.name for one in view.services) or "–"
    raise NotFound("healing.no_service", name=service, known=known)


def _scale(cluster: Cluster, service: str, replicas: int) -> None:
    """Ask for so many replicas; what the swarm has changed meanwhile is kept."""
    cluster.docker(f"service scale --detach {service}={replicas}", show=False)
