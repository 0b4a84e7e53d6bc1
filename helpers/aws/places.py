"""Where the tasks of a cluster run: what ECS says, and what your own machine's engine says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .site import Site, find
from .targeting import client, current

__all__ = ["Machine", "Places", "Service", "places"]

PREFIX = "service:"  # of the group of a task that a service started
AT_ONCE = 100  # tasks that DescribeTasks takes


@dataclass(frozen=True)
class Service:
    """A service: what was asked for, and what ECS counts as running.

    Fields
    ------
    kind: ``"FARGATE"``, ``"EXTERNAL"`` or ``"EC2"``.
    """

    name: str
    kind: str
    desired: int
    running: int


@dataclass(frozen=True)
class Machine:
    """A machine outside of AWS.

    Fields
    ------
    state: ``"ACTIVE"``, ``"DRAINING"``, or ``"NONE"``: it is not registered in the cluster.
    connected: whether AWS hears its agent.
    told: the tasks that ECS takes for running there.
    there: those that its engine really runs; None if it cannot be asked.
    orphans: those of them that ECS knows nothing of.
    """

    state: str
    connected: bool
    told: tuple[str, ...]
    there: tuple[str, ...] | None
    orphans: tuple[str, ...] = ()


@dataclass(frozen=True)
class Places:
    """One look at a cluster. Tasks go by the name of their service, or else of their family."""

    services: tuple[Service, ...]
    fargate: tuple[str, ...]
    machines: tuple[Machine, ...]


def places(cluster: str) -> Places:
    """Look where a cluster's tasks run, for `helpers.figures.places`.

    What runs in the course's data centre is asked of its own engine as well. A real machine is not
    asked.

    Raises
    ------
    AwsRefused: no target was chosen.
    """
    ecs = client("ecs")
    arns = ecs.list_services(cluster=cluster)["serviceArns"]
    rows = ecs.describe_services(cluster=cluster, services=arns)["services"] if arns else []
    services = [Service(row["serviceName"], row.get("launchType", ""), row["desiredCount"],
                        row["runningCount"])
                for row in rows if row["status"] == "ACTIVE"]  # fmt: skip
    tasks = [task for task in _tasks(cluster) if task["lastStatus"] == "RUNNING"]
    fargate = sorted(_name(task) for task in tasks if task.get("launchType") == "FARGATE")
    site = None if current().real else find()
    if site and site.cluster != cluster:
        site = None
    machines = tuple(_machines(cluster, tasks, site))
    return Places(tuple(sorted(services, key=lambda one: one.name)), tuple(fargate), machines)


def _tasks(cluster: str) -> list[dict[str, Any]]:
    """Return the tasks that have not stopped, those that shall stop included."""
    ecs = client("ecs")
    arns = []
    for status in ("RUNNING", "STOPPED"):  # what they shall be
        arns += ecs.list_tasks(cluster=cluster, desiredStatus=status)["taskArns"]
    parts = [arns[at : at + AT_ONCE] for at in range(0, len(arns), AT_ONCE)]
    rows = [ecs.describe_tasks(cluster=cluster, tasks=part)["tasks"] for part in parts]
    return [task for row in rows for task in row if task["lastStatus"] != "STOPPED"]


def _name(task: dict[str, Any]) -> str:
    group = task.get("group", "")
    if group.startswith(PREFIX):
        return group.removeprefix(PREFIX)
    return task["taskDefinitionArn"].rpartition("/")[2].partition(":")[0]


def _machines(cluster: str, tasks: list[dict[str, Any]], site: Site | None) -> Iterable[Machine]:
    ecs = client("ecs")
    names = {task["taskArn"]: _name(task) for task in tasks}
    arns = ecs.list_container_instances(cluster=cluster)["containerInstanceArns"]
    rows = []
    if arns:
        found = ecs.describe_container_instances(cluster=cluster, containerInstances=arns)
        rows = [one for one in found["containerInstances"] if _outside(one)]
    for row in rows:
        mine = site is not None and row["ec2InstanceId"] == site.instance
        told = [names[task["taskArn"]] for task in tasks
                if task.get("containerInstanceArn") == row["containerInstanceArn"]]  # fmt: skip
        there, orphans = _there(site, names) if mine else (None, ())
        yield Machine(row["status"], row["agentConnected"], tuple(sorted(told)), there, orphans)
    if site and not any(row["ec2InstanceId"] == site.instance for row in rows):
        there, orphans = _there(site, names)
        yield Machine("NONE", False, (), there, orphans)


def _outside(row: dict[str, Any]) -> bool:
    return str(row.get("ec2InstanceId", "")).startswith("mi-")


def _there(site: Site | None, names: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = site.running() if site else ()
    there = sorted(names.get(one.task, one.family) for one in found)
    return tuple(there), tuple(sorted(one.family for one in found if one.task not in names))
