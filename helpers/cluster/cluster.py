"""The cluster as a lesson uses it: up, look, order, watch, down."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import docker

from ..components.client import Answer
from ..engine import Engine, connect
from ..errors import ClusterFailed, CourseError, NotOurs
from ..messages import text
from . import calling, images, reading, restoring, swarm, watching
from . import memory as need
from . import nodes as containers
from .faults import Faults
from .inside import run_in
from .link import Link, asking, linked
from .model import View
from .own import Member, members
from .theirs import led_by

__all__ = ["Answer", "Cluster", "down", "find", "up", "use"]

MOST = 9  # nodes: names are short, and two processors carry no more
LESSON = "08"
PROBE = 30.0  # seconds for a small command in a node
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
        while True:
            try:
                with asking():
                    return reading.view(self.link.api(self.link.manager()))
            except CourseError as error:
                # the manager that was asked last may have gone: another one is asked, if there is
                self.link.doubt()
                final = getattr(error, "key", "") in ("cluster.no_quorum", "cluster.no_manager")
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
        reads = {"ls", "ps", "inspect", "logs", "info", "version", "services", "events", "top"}
        if not any(word in reads for word in words[:2]):
            raise NotOurs("cluster.not_touched")


def up(
    nodes: int = 3,
    *,
    managers: int = 1,
    lesson: str = LESSON,
    engine: Engine | None = None,
    memory: int | None = None,
) -> Cluster:
    """Start a swarm of so many nodes; print the commands that make it one.

    Each node is a Docker Engine in a container of the learner's daemon. One that runs and was asked
    for alike is brought into the state of a new one: every node back, ready, active and without
    labels; services, secrets, configs and networks gone. Any other is made anew.

    Parameters
    ----------
    nodes: 1 to 9; ``managers``: how many of them, from the first, are managers.
    lesson: whose clean-up removes it.
    memory: bytes that each node may take; None for no limit.

    Raises
    ------
    ClusterFailed: too little memory (the message says how much); the daemon runs no privileged
        containers; a port is taken; a node never joined.
    NotOurs: a container or network of such a name exists that the course did not make.
    DownloadFailed, EngineFailed, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    if not 1 <= managers <= nodes <= MOST:
        raise ClusterFailed("cluster.shape", nodes=nodes, managers=managers, most=MOST)
    engine = engine or connect()
    shape = f"{nodes} {managers} {memory or 0}"
    found = members(engine, lesson)
    if found and found[0].shape == shape and len(found) == nodes:
        link = _link(engine, lesson, found)
        try:
            restoring.restore(engine, link, found, managers)
            print("\n".join(_commands(nodes)))
            return _cluster(engine, lesson, found)
        except (CourseError, docker.errors.APIError):
            pass  # beyond repair: a new one is made
    _check_and_clear(engine, lesson, nodes, memory, found)
    return _anew(engine, lesson, nodes, managers, shape, memory)


def find(engine: Engine | None = None, lesson: str | None = None) -> Cluster | None:
    """Return the course's cluster if there is one, without starting or changing anything."""
    engine = engine or connect()
    found = members(engine, lesson)
    if not any(one.runs for one in found):
        return None
    return _cluster(engine, found[0].lesson, found)


def down(engine: Engine | None = None, lesson: str | None = None) -> None:
    """Remove the nodes with everything in them, their registry, network and volumes."""
    engine = engine or connect()
    for found in [lesson] if lesson else sorted({one.lesson for one in members(engine)}):
        containers.remove(engine, found)


def use(host_or_context: str | None = None, *, touch: bool = False) -> Cluster:
    """Return a swarm that the learner already has: DOCKER_HOST, a context, or an address.

    Parameters
    ----------
    host_or_context: the address of a manager (``ssh://…``, ``tcp://…``) or the name of a context;
        None for the daemon that `helpers.engine.connect` finds.
    touch: whether it may be changed. Without it, it is only looked at.

    Raises
    ------
    ClusterFailed: the daemon is no manager of a swarm.
    EngineNotFound, EngineDenied, NotFound: as for `helpers.engine.connect`; no such context.
    """
    engine, balancing = led_by(host_or_context)
    link = Link(engine, {})
    with asking():
        seen = reading.view(engine.client.api)
    names = tuple(node.name for node in seen.nodes)
    return Cluster(names, engine, "", mine=False, touch=touch, balancing=balancing, link=link)


def _commands(count: int) -> list[str]:
    join = swarm.JOIN.format(manager="node-1")
    joins = [f"node-{number} $ {join}" for number in range(2, count + 1)]
    return [f"node-1 $ {swarm.INIT}", f"node-1 $ {swarm.UPDATE}", *joins]


def _check_and_clear(
    engine: Engine, lesson: str, count: int, limit: int | None, found: list[Member]
) -> None:
    running = sum(one.runs for one in found)
    need.check(engine, count, limit, running * need.NODE)
    containers.remove(engine, lesson)


def _anew(
    engine: Engine, lesson: str, count: int, managers: int, shape: str, limit: int | None
) -> Cluster:
    found = containers.make(engine, lesson, count, shape, limit)
    link = _link(engine, lesson, found)
    link.forget()  # an earlier cluster's, whose nodes had the same names
    try:
        swarm.form(link, found, managers)
    except BaseException:
        containers.remove(engine, lesson)
        raise
    return _cluster(engine, lesson, found)


def _link(engine: Engine, lesson: str, found: list[Member]) -> Link:
    return linked(engine, lesson, {one.name: one.container for one in found})


def _cluster(engine: Engine, lesson: str, found: list[Member]) -> Cluster:
    link = _link(engine, lesson, found)
    balancing = "proxy"
    for one in found:
        if one.runs:
            probe = ["test", "-e", "/proc/net/ip_vs"]
            code, _ = run_in(engine.client.api, one.container, probe, PROBE)
            balancing = "proxy" if code else "ipvs"
            break
    names = tuple(one.name for one in found)
    return Cluster(names, engine, lesson, balancing=balancing, link=link)
