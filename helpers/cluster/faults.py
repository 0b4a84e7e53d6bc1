"""Faults done to a cluster on purpose, each with its undo, printed as a person would type it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import docker

from ..containers.own import refused
from ..engine import Engine
from ..engine.patience import patient, until
from ..errors import ClusterFailed, NotFound, NotOurs
from . import gossip, nodes, restoring, swarm, thawing
from .inside import run_in
from .link import Link, asking
from .model import Task, View
from .orders import Orders
from .own import Member, network_of

__all__ = ["SICK", "Faults"]

SICK = "/tmp/sick"  # while this file is there, the course's page says that it is not well
ANSWER = 30.0  # seconds for a small command in a task's container
BACK = 120.0  # seconds for managers to elect a leader again, or a node to be ready


class Faults(Orders):
    """What can be done to nodes and tasks. All of it can be done twice, and undone."""

    names: tuple[str, ...]
    engine: Engine
    link: Link
    lesson: str
    mine: bool

    def member(self, node: str) -> Member:
        raise NotImplementedError

    def look(self) -> View:
        raise NotImplementedError

    # Nodes

    def stop_node(self, node: str) -> None:
        """Switch a node off, as if its plug were pulled: ``docker kill``."""
        one = self._member("stop_node", node)
        print(f"$ docker kill {one.container}", flush=True)
        with patient(self.engine, nodes.ANSWER) as api:
            if one.state == "paused":
                api.unpause(one.container)
            if one.state in ("running", "paused"):
                thawing.thaw(self.engine, one.container)
                with contextlib.suppress(docker.errors.APIError):  # it ends at this moment
                    api.kill(one.container)
            gone = lambda: not self.member(node).runs  # noqa: E731
            until(gone, nodes.ANSWER, "cluster.waiting_stopped", node=node)
        self.link.doubt()

    def start_node(self, node: str, *, wait: bool = True) -> None:
        """Switch a node on again; wait until the swarm has it back, unless told otherwise.

        It is switched on only when the other nodes have missed it, which takes 4 to 24 seconds from
        when it was switched off: see `helpers.cluster.gossip`.

        Raises
        ------
        ClusterFailed: it did not come back.
        """
        one = self._member("start_node", node)
        print(f"$ docker start {one.container}", flush=True)
        restoring.switch_on(self.link, [one])
        if wait:
            self._back(node)

    def cut(self, node: str) -> None:
        """Take a node off the network; its containers run on, and nobody there can be asked."""
        one = self._member("cut", node)
        print(f"$ docker network disconnect {network_of(self.lesson)} {one.container}", flush=True)
        if one.address:
            with patient(self.engine, nodes.ANSWER) as api:
                try:
                    api.disconnect_container_from_network(one.container, network_of(self.lesson))
                except docker.errors.APIError as error:
                    raise ClusterFailed("cluster.refused", reason=refused(error)) from None
        self.link.doubt()

    def mend(self, node: str, *, wait: bool = True) -> None:
        """Put a node back on the network, where it has the address that it had.

        Raises
        ------
        ClusterFailed: it did not come back.
        """
        one = self._member("mend", node)
        words = f"--ip … --alias {node} {network_of(self.lesson)} {one.container}"
        print(f"$ docker network connect {words}", flush=True)
        restoring.plug(self.engine, one)
        if wait:
            self._back(node)

    def lose_leader(self) -> str:
        """Switch the leader off; return its name. Undo with `start_node`."""
        self._inside("lose_leader")
        leader = next(node.name for node in self.look().nodes if node.leader)
        self.stop_node(leader)
        return leader

    def lose_managers(self) -> tuple[str, ...]:
        """Switch so many managers off that the rest is no majority; return their names.

        Undo with `regain_managers`.
        """
        self._inside("lose_managers")
        managers = [node for node in self.look().nodes if node.role == "manager"]
        managers.sort(key=lambda node: node.name == self.names[0])  # the front door's node last
        lost = tuple(node.name for node in managers[: len(managers) // 2 + 1])
        for name in lost:
            self.stop_node(name)
        return lost

    def regain_managers(self, lost: Sequence[str]) -> None:
        """Switch managers on again; wait until one leads and all are back."""
        members = [self._member("regain_managers", name) for name in lost]
        for one in members:
            print(f"$ docker start {one.container}", flush=True)
        restoring.switch_on(self.link, members)
        for name in lost:
            self._back(name)

    # Tasks

    def kill(self, task: str | Task) -> None:
        """Kill the container of a task: ``docker kill`` on its node."""
        one = self._task("kill", task)
        print(f"{one.node} $ docker kill {one.name}.…", flush=True)
        with asking(one.node), contextlib.suppress(docker.errors.NotFound):
            try:
                self.link.api(one.node).kill(one.container)
            except docker.errors.APIError as error:
                if error.status_code != 409:  # it is ending already
                    raise

    def freeze(self, task: str | Task) -> None:
        """Freeze a task: its processes are there and get no more time."""
        one = self._task("freeze", task)
        print(f"{one.node} $ docker pause {one.name}.…", flush=True)
        with asking(one.node):
            try:
                self.link.api(one.node).pause(one.container)
            except docker.errors.APIError as error:
                if "already paused" not in str(error):
                    raise

    def thaw(self, task: str | Task) -> None:
        """Let every frozen container of this task go on, on whatever node; none is no error."""
        self._inside("thaw")
        name = task if isinstance(task, str) else task.name
        for node in self.names:
            if not self.member(node).runs:
                continue
            with asking(node):
                api = self.link.api(node)
                for row in api.containers(filters={"status": "paused"}):
                    if _name(row).startswith(f"{name}."):
                        print(f"{node} $ docker unpause {name}.…", flush=True)
                        api.unpause(row["Id"])

    def sicken(self, task: str | Task) -> None:
        """Let a task say that it is not well, as the course's page does while a file is there."""
        self._touch(self._task("sicken", task), ["touch", SICK])

    def heal(self, task: str | Task) -> None:
        """Take back what `sicken` did."""
        self._touch(self._task("heal", task), ["rm", "-f", SICK])

    def task(self, name: str | Task) -> Task:
        """Return the task of that name that runs, the newest one.

        Raises
        ------
        NotFound: none runs; the names of those that do are told.
        """
        if isinstance(name, Task):
            return name
        tasks = [task for task in self.look().tasks if task.container and not task.ended]
        found = [task for task in tasks if name in (task.name, task.id)]
        if not found:
            near = ", ".join(dict.fromkeys(task.name for task in tasks if task.runs)) or "–"
            raise NotFound("cluster.no_task", task=name, near=near)
        return max(found, key=lambda task: (task.runs, task.made))

    def _task(self, what: str, task: str | Task) -> Task:
        self._inside(what)
        return self.task(task)

    def _touch(self, one: Task, words: list[str]) -> None:
        print(f"{one.node} $ docker exec {one.name}.… {' '.join(words)}", flush=True)
        run_in(self.link.api(one.node), one.container, words, ANSWER, one.name)

    def _member(self, what: str, node: str) -> Member:
        self._inside(what)
        return self.member(node)

    def _inside(self, what: str) -> None:
        """Refuse what needs the containers of the nodes, on a swarm that the course did not make.

        Raises
        ------
        NotOurs: it is the learner's.
        """
        if not self.mine:
            raise NotOurs("cluster.not_inside", node=what)

    def _back(self, node: str) -> None:
        swarm.engine_answers(self.link, node)
        self.link.doubt()
        led = lambda: restoring.led(self.link)  # noqa: E731
        until(led, BACK, "cluster.waiting_leader")
        if self.member(node).address:  # one that is cut cannot be ready
            try:
                swarm.known(self.link, [node])
            except ClusterFailed:
                # seen once, on a machine with far too much to do: an engine that runs and never
                # reports. What helps is what an operator would do: start it once more.
                gossip.restart(self.link, node)
                swarm.known(self.link, [node])
            there = [one.name for one in self.look().nodes if one.state == "ready"]
            gossip.gossiping(self.link, there)


def _name(row: dict) -> str:
    return next((name.lstrip("/") for name in row.get("Names") or []), "")
