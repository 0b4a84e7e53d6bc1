"""The cluster as a lesson uses it: up, look, order, watch, down."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import docker

from ..components.client import Answer
from ..engine import Engine
from ..errors import ClusterFailed, CourseError, NotOurs
from ..messages import text
from . import calling, electing, images, reading, watching
from . import nodes as containers
from .faults import Faults
from .inside import run_in
from .link import Link, asking
from .model import View
from .own import Member, members

__all__ = ["Answer", "Cluster"]

# Commands that change nothing; what stands before an option is not looked at.
READS = {"events", "images", "info", "inspect", "logs", "ls", "ps", "services", "version"}
GROUPS = {"config", "container", "image", "network", "node", "secret", "service", "stack", "volume"}
PATIENCE = 60.0  # seconds in which a manager must be found again


@dataclass(frozen=True)
class Cluster(Faults):
    """A swarm: the course's own, or with `use` one of the learner's.

    Fields
    ------
    names: of its nodes, in order.
    engine: the daemon that holds the nodes; of `use` a manager itself.
    lesson: whose clean-up removes it; empty if it is the learner's.
    mine: whether the course made it; ``touch``: whether it may be changed.
    balancing: ``"ipvs"`` if the kernel can balance the load of a service's one address, and so has
        the routing mesh; ``"proxy"`` if not.
    """

    names: tuple[str, ...]
    engine: Engine = field(repr=False, compare=False)
    lesson: str
    mine: bool = True
    touch: bool = True
    balancing: str = "proxy"
    link: Link = field(repr=False, compare=False, default=None)  # type: ignore[assignment]

    def __repr__(self) -> str:
        return text("cluster.told", count=len(self.names), names=", ".join(self.names))

    @property
    def manager(self) -> str:
        """The name of a manager that follows a leader: the one that orders go to.

        Raises
        ------
        ClusterFailed: the managers that are left are no majority.
        """
        return self.link.manager() or self.look_leader()

    def docker(
        self,
        command: str | Sequence[str],
        *,
        node: str | None = None,
        show: bool = True,
        limit: float = calling.LIMIT,
        folder: Path | None = None,
    ) -> Answer:
        """Run the docker client on a manager, or on ``node``; print the command and what it says.

        Parameters
        ----------
        command: what stands behind ``docker``.
        show: whether anything is printed.
        limit: seconds until it is given up; ``folder``: where it runs, for files it is handed.

        Raises
        ------
        ClusterFailed: no leader; no such node, or its engine does not answer.
        NotOurs: the swarm is the learner's and was not opened for changes (see `use`).
        NotFound, TimedOut: as for `helpers.components.docker`.
        """
        if not self.touch:
            self._only_reads(command)
        return calling.call(self.link, command, node, show=show, limit=limit, folder=folder)

    def api(self, node: str | None = None) -> docker.APIClient:
        """Return the connection to a node's engine; without a name to a manager with a leader.

        It stays open and is shared. After a restart of the node it works again.

        Raises
        ------
        ClusterFailed: the engine does not answer, or there is no leader.
        NotOurs: the node of a learner's swarm is another machine, which the course cannot reach.
        """
        if node and not self.mine:
            raise NotOurs("cluster.not_inside", node=node)
        return self.link.api(node or self.link.manager())

    def look(self) -> View:
        """Ask a manager for all nodes, services and tasks.

        Raises
        ------
        ClusterFailed: there is no leader.
        EngineLost: the daemon went away.
        """
        deadline = time.monotonic() + PATIENCE

        def ask(manager: str) -> View:
            with asking():
                return reading.view(self.link.api(manager))

        while True:
            try:
                return electing.led(self.link, ask)
            except CourseError as error:
                # the manager that was asked last may have gone: another one is asked, if there is
                self.link.doubt()
                final = error.key in (electing.NO_LEADER, "cluster.no_manager")
                if final or time.monotonic() > deadline:
                    raise

    def watch(self, seconds: float) -> Iterator[View]:
        """Yield looks for so many seconds: one after each event, and at least two a second.

        While there is no leader nothing can be seen, and nothing is yielded.
        """
        return watching.watch(self.link, self.look, seconds)

    def image(self, name: str) -> str:
        """Push an image to the registry in the nodes' network; return the name they know it by.

        Raises
        ------
        NotFound: the daemon has no such image.
        NotOurs: the course did not make the image, or not the swarm.
        ClusterFailed: the registry is not there, or refused it.
        """
        self._inside("image")
        return images.hand_over(self.engine, self.lesson, name)

    @property
    def ports(self) -> Mapping[int, int]:
        """Host ports of node-1 that this machine reaches: port there → port here."""
        if not self.mine:
            return {}
        return dict(self.member(self.names[0]).ports)

    def port(self, number: int) -> str:
        """Return where a host port of node-1 is reached: ``http://127.0.0.1:PORT``.

        The port here is another one each time: use the value, do not print it.

        Raises
        ------
        ClusterFailed: it is none of `ports`, or node-1 is stopped or cut.
        """
        found = self.ports.get(number)
        if found is None:
            known = ", ".join(map(str, containers.PUBLISHED))
            raise ClusterFailed("cluster.no_port", port=number, known=known)
        return f"http://127.0.0.1:{found}"

    def exec(self, task: str, command: Sequence[str], limit: float = 60.0) -> str:
        """Run a command in the container of a running task, on whatever node; return its output.

        Raises
        ------
        NotFound: no task of that name runs.
        ClusterFailed: its node does not answer, or the container has ended.
        """
        self._inside("exec")
        one = self.task(task)
        return run_in(self.api(one.node), one.container, command, limit, one.name)[1]

    def member(self, node: str) -> Member:
        """Return the container of a node.

        Raises
        ------
        ClusterFailed: there is no such node.
        """
        for one in members(self.engine, self.lesson):
            if one.name == node:
                return one
        raise ClusterFailed("cluster.no_node", node=node, nodes=", ".join(self.names))

    def look_leader(self) -> str:
        """Return the name of the node that leads."""
        return next((node.name for node in self.look().nodes if node.leader), "")

    def _only_reads(self, command: str | Sequence[str]) -> None:
        words = calling.words_of(command)
        group, verb = [*words, "", ""][:2]
        if group not in READS and not (group in GROUPS and verb in READS):
            raise NotOurs("cluster.not_touched")
