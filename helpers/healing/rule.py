"""The rule by which the course's autoscaler decides how many replicas there shall be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..messages import text

__all__ = ["Rule"]


@dataclass(frozen=True)
class Rule:
    """So many replicas that each is used as much as it should be.

    ``wanted = ceil(replicas × usage / target)``, within bounds: the rule of Kubernetes'
    HorizontalPodAutoscaler
    (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details).

    Fields
    ------
    target: the usage to aim at, in the unit in which it is measured.
    least, most: the bounds; nothing is asked for outside of them.
    tolerance: a usage that is off by no more than this share changes nothing.
    cool_down: seconds for which fewer must have been wanted before there are fewer. Without it,
        a short lull would take away what the next rush needs.
    """

    target: float
    least: int = 1
    most: int = 4
    tolerance: float = 0.1
    cool_down: float = 3.0

    def __post_init__(self) -> None:
        if not self.target > 0:
            raise ValueError("the target must be above 0")
        if not 1 <= self.least <= self.most:
            raise ValueError("the bounds must be 1 ≤ least ≤ most")

    def wanted(self, replicas: int, usage: float) -> int:
        """Return how many replicas there should be.

        Parameters
        ----------
        replicas: how many run.
        usage: the mean of them, in the unit of ``target``.
        """
        share = usage / self.target
        if abs(share - 1) <= self.tolerance:
            return min(max(replicas, self.least), self.most)
        # What is a whole number but for rounding errors is that whole number.
        found = math.ceil(round(replicas * share, 6))
        return min(max(found, self.least), self.most)

    def decide(self, replicas: int, usage: float, fewer_for: float) -> int:
        """Return how many replicas to ask for now.

        Parameters
        ----------
        replicas, usage: as for `wanted`.
        fewer_for: seconds for which `wanted` has been below ``replicas`` without a break.
        """
        found = self.wanted(replicas, usage)
        return replicas if found < replicas and fewer_for < self.cool_down else found

    def __str__(self) -> str:
        return text(
            "healing.rule", target=f"{self.target:.0%}", least=self.least, most=self.most,
            seconds=f"{self.cool_down:g}",
        )  # fmt: skip

    __repr__ = __str__
