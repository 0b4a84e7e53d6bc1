"""A cluster made, found again, taken away; or one that the learner already has."""

from __future__ import annotations

import docker

from ..engine import Engine, connect
from ..errors import ClusterFailed, CourseError
from . import memory as need
from . import nodes as containers
from . import reading, restoring, swarm
from .cluster import Cluster
from .inside import run_in
from .link import Link, asking, linked
from .own import Member, members
from .theirs import led_by

__all__ = ["down", "find", "up", "use"]

MOST = 9  # nodes: names are short, and two processors carry no more
LESSON = "08"
PROBE = 30.0  # seconds for a small command in a node


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
    for found in (
        [lesson] if lesson else sorted({one.lesson for one in members(engine, every=True)})
    ):
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
