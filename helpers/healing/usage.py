"""How much CPU the tasks of a service use, as the kernel counts it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import docker
import requests

from ..cluster.inside import run_in
from ..cluster.model import Task
from ..errors import CourseError

if TYPE_CHECKING:
    from ..cluster import Cluster

__all__ = ["Meter", "cpu_of", "share"]

TICKS = 100  # a second, in /proc (USER_HZ; proc(5), sysconf(_SC_CLK_TCK))
ANSWER = 30.0  # seconds for a node to tell
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


def cpu_of(stat: str) -> dict[int, float]:
    """Return the CPU time in seconds of each process in lines of ``/proc/PID/stat``.

    The name of a program stands in parentheses and may hold anything, parentheses included.
    """
    found = {}
    for line in stat.splitlines():
        before, _, after = line.rpartition(")")
        number, fields = before.partition(" ")[0], after.split()
        if number.isdigit() and len(fields) > 12:
            found[int(number)] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


class Meter:
    """Measures the tasks of one service from one reading to the next.

    What counts is the first process of each container, with all its threads. Health checks are
    processes of their own and do not count: they are not what the load causes.

    Parameters
    ----------
    reserved: cores that each task has reserved: a usage of 1.0 is that much.
    """

    def __init__(self, cluster: Cluster, reserved: float) -> None:
        self._cluster = cluster
        self._reserved = reserved
        self._before: Reading = {}
        self._processes: dict[str, int] = {}

    def read(self, tasks: Iterable[Task]) -> float | None:
        """Return the mean usage since the last reading, of the tasks that ran at both.

        None if there is no such task: the first reading only begins. A container that cannot be
        asked is left out.
        """
        by_node: dict[str, list[Task]] = {}
        for task in tasks:
            if task.container and task.node:
                by_node.setdefault(task.node, []).append(task)
        now: Reading = {}
        for node, own in by_node.items():
            now |= self._on(node, own)
        found = share(self._before, now)
        self._before = now
        return None if found is None else found / self._reserved

    def _on(self, node: str, tasks: list[Task]) -> Reading:
        """Read all containers of one node at once."""
        try:
            processes = {task.container: self._process(task) for task in tasks}
            paths = [f"/proc/{number}/stat" for number in processes.values() if number]
            place = self._cluster.member(node).container
            api = self._cluster.engine.client.api
            _, said = run_in(api, place, ["cat", *paths], ANSWER, node)
        except (docker.errors.DockerException, requests.RequestException, CourseError):
            return {}  # it has just ended, or its node has
        at, used = time.monotonic(), cpu_of(said)
        return {one: (at, used[number]) for one, number in processes.items() if number in used}

    def _process(self, task: Task) -> int:
        """Return the number that the first process of a container has on its node."""
        if task.container not in self._processes:
            found = self._cluster.api(task.node).inspect_container(task.container)
            self._processes[task.container] = int(found["State"]["Pid"])
        return self._processes[task.container]
