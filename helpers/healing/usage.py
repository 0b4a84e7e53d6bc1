"""How much CPU the tasks of a service use, measured by the engines of their nodes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import docker
import requests

from ..cluster.model import Task
from ..errors import CourseError

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["Meter", "share"]

NANO = 1_000_000_000


Reading = dict[str, tuple[float, float]]  # container → when, CPU time until then; in seconds


def share(before: Reading, now: Reading) -> float | None:
    """Return the mean CPU of containers between two readings, in cores; None if there is none.

    Parameters
    ----------
    before, now: one container or several; one that is not in both is left out.
    """
    found = []
    for one, (at, used) in now.items():
        if one in before and at > before[one][0]:
            found.append(max(used - before[one][1], 0.0) / (at - before[one][0]))
    return sum(found) / len(found) if found else None


class Meter:
    """Measures the tasks of one service from one reading to the next.

    Parameters
    ----------
    reserved: cores that each task has reserved: a usage of 1.0 is that much.
    """

    def __init__(self, cluster: Cluster, reserved: float) -> None:
        self._cluster = cluster
        self._reserved = reserved
        self._before: Reading = {}

    def read(self, tasks: list[Task]) -> float | None:
        """Return the mean usage since the last reading, of the tasks that ran at both.

        None if there is no such task: the first reading only begins. A container that cannot be
        asked is left out.
        """
        now: Reading = {}
        for task in tasks:
            if not task.container:
                continue
            try:
                api = self._cluster.api(task.node)
                told = api.stats(task.container, stream=False, one_shot=True)
                used = told["cpu_stats"]["cpu_usage"]["total_usage"] / NANO
            except (
                docker.errors.DockerException, requests.RequestException, CourseError, KeyError
            ):  # fmt: skip
                continue  # it has just ended
            now[task.container] = (time.monotonic(), used)
        found = share(self._before, now)
        self._before = now
        return None if found is None else found / self._reserved
