"""Engines made a swarm: init, join, and the waits until every node is truly ready."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterable

import docker

from ..containers.own import look
from ..engine.patience import until
from ..errors import ClusterFailed, CourseError, TimedOut
from .gossip import gossiping
from .link import Link, asking
from .nodes import tail
from .own import Member

__all__ = [
    "BEAT",
    "INIT",
    "JOIN",
    "UPDATE",
    "engine_answers",
    "form",
    "join",
    "known",
    "ready",
    "ready_now",
    "role_reached",
    "settled",
]

ENGINE = 90.0  # seconds until the engine of a node answers
JOINED = 90.0  # seconds for a node to become ready
BEAT = 1_000_000_000  # nanoseconds between two heartbeats of a node; by default 5 s
# Seconds after which a silent node is known to be: three heartbeats, each up to half a second late
# (https://github.com/moby/swarmkit/blob/master/manager/dispatcher/dispatcher.go).
MISSED = 3 * (BEAT / 1e9 + 0.5)
# What a person would type. `eth0` is the node's card in the network of the nodes, and nodes know
# each other by name, so that the commands are the same on every machine but for the token.
INIT = "docker swarm init --advertise-addr eth0"
UPDATE = "docker swarm update --dispatcher-heartbeat 1s"
JOIN = "docker swarm join --token SWMTKN-1-… {manager}:2377"


def form(link: Link, members: list[Member], managers: int, say: bool = True) -> None:
    """Make the nodes one swarm, the first ones its managers; print the commands.

    Raises
    ------
    ClusterFailed: an engine does not answer, or a node never joined.
    """
    for one in members:
        engine_answers(link, one.name)
    first, *others = members
    show = print if say else (lambda line: None)
    show(f"{first.name} $ {INIT}")
    api = link.api(first.name)
    with asking(first.name):
        api.init_swarm(
            advertise_addr="eth0", listen_addr="0.0.0.0:2377",
            default_addr_pool=[_pool(first.address)], subnet_size=24,
        )  # fmt: skip
        show(f"{first.name} $ {UPDATE}")
        _beat(api)
        tokens = api.inspect_swarm()["JoinTokens"]
    for number, one in enumerate(others, 2):
        kind = "Manager" if number <= managers else "Worker"
        show(f"{one.name} $ {JOIN.format(manager=first.name)}")
        join(link, one, first, tokens[kind])
        _joined(link, first.name, [m.name for m in members[:number]])
    ready(link, [one.name for one in members], managers)


def join(link: Link, one: Member, manager: Member, token: str) -> None:
    with asking(one.name):
        link.api(one.name).join_swarm(
            [f"{manager.address}:2377"], token, advertise_addr=one.address,
            listen_addr="0.0.0.0:2377",
        )  # fmt: skip


def engine_answers(link: Link, node: str) -> None:
    """Wait until the engine of a node answers.

    Raises
    ------
    ClusterFailed: it does not; the message names the node.
    """

    container = link.containers[node]

    def ended() -> bool:
        found = look(link.engine, container)
        return not found or not found["State"]["Running"]

    def answers() -> bool:
        if ended():
            log = tail(link.engine, container)
            raise ClusterFailed("cluster.engine_ended", node=node, tail=log)
        try:
            return bool(link.api(node).ping())
        except (CourseError, docker.errors.DockerException, OSError):
            return False

    try:
        until(answers, ENGINE, "cluster.waiting_engine", node=node)
    except TimedOut:
        raise ClusterFailed("cluster.engine_silent", node=node, seconds=ENGINE) from None


def ready(link: Link, names: list[str], managers: int) -> None:
    """Wait until all nodes are ready, managers reachable, and names travel between all of them.

    Raises
    ------
    ClusterFailed: a node never got there.
    """
    _joined(link, None, names, managers)
    if gossiping(link, names):
        _joined(link, None, names, managers)


def _joined(link: Link, manager: str | None, names: list[str], managers: int | None = None) -> None:
    found: dict[str, str] = {}

    def all_ready() -> bool:
        nonlocal found
        try:
            with asking():
                rows = link.api(manager or link.manager()).nodes()
        except CourseError:
            link.doubt()
            return False
        found = {row["Description"].get("Hostname", "?"): _fit(row) for row in rows}
        led = sum("ManagerStatus" in row and _fit(row) == "ready" for row in rows)
        fit = all(found.get(name) == "ready" for name in names)
        return fit and managers in (None, led) and len(rows) >= len(names)

    try:
        until(all_ready, JOINED, "cluster.waiting_ready")
    except TimedOut:
        missing = [name for name in names if found.get(name) != "ready"] or names
        raise ClusterFailed("cluster.never_joined", node=missing[0], seconds=JOINED) from None


def _fit(row: dict) -> str:
    """The state of a node; a manager that is not reachable is not ready."""
    reached = (row.get("ManagerStatus") or {}).get("Reachability", "reachable")
    state = row["Status"]["State"]
    told = bool(row.get("Description", {}).get("Resources"))
    return state if reached == "reachable" and told else "unreachable"


def ready_now(link: Link) -> list[str]:
    """Return the names of the nodes that are ready now."""
    with asking():
        rows = link.api(link.manager()).nodes()
    return [row["Description"].get("Hostname", "?") for row in rows if _fit(row) == "ready"]


def known(link: Link, names: Iterable[str]) -> None:
    """Wait until the managers know all these nodes by name, and as ready."""
    _joined(link, None, list(names))


def settled(link: Link, names: Iterable[str]) -> None:
    """Wait until these nodes are ready and nobody of them is about to be missed.

    A manager that steps down breaks off with the nodes that it served. They find another one, but
    may be missed meanwhile, and until that is noticed they look ready.

    Raises
    ------
    ClusterFailed: one of them was not ready for so long.
    """
    wanted = set(names)
    since = time.monotonic()

    def held() -> bool:
        nonlocal since
        try:
            fit = wanted <= set(ready_now(link))
        except CourseError:
            link.doubt()
            fit = False
        if not fit:
            since = time.monotonic()
        return time.monotonic() - since > MISSED

    try:
        until(held, JOINED, "cluster.waiting_ready")
    except TimedOut:
        missing = sorted(wanted - set(ready_now(link))) or sorted(wanted)
        raise ClusterFailed("cluster.never_joined", node=missing[0], seconds=JOINED) from None


def role_reached(link: Link, node: str, role: str) -> None:
    """Wait until a node really is what it was promoted or demoted to.

    The order changes a record; the node then asks for a new certificate, and starts or ends its
    manager. A second change before that is refused or lost.

    Raises
    ------
    ClusterFailed: it never was.
    """
    wanted = role == "manager"

    def reached() -> bool:
        try:
            with asking(node):
                told = link.api(node).info()["Swarm"]
            with asking():
                rows = link.api(link.manager()).nodes()
        except CourseError:
            return False
        mine = [r for r in rows if r["ID"] == told.get("NodeID")]
        led = bool(mine) and "ManagerStatus" in mine[0] and _fit(mine[0]) == "ready"
        return bool(told.get("ControlAvailable")) == wanted == led and _fit(mine[0]) == "ready"

    try:
        until(reached, JOINED, "cluster.waiting_role", node=node)
    except TimedOut:
        raise ClusterFailed("cluster.no_role", node=node, seconds=JOINED) from None
    link.doubt()


def _beat(api: docker.APIClient) -> None:
    found = api.inspect_swarm()
    spec = found["Spec"]
    spec["Dispatcher"] = {"HeartbeatPeriod": BEAT}
    api.update_swarm(found["Version"]["Index"], swarm_spec=spec)


def _pool(address: str) -> str:
    """Return a range for overlay networks that the network of the nodes is not part of."""
    usual = ipaddress.ip_network("10.0.0.0/8")
    return "172.20.0.0/14" if ipaddress.ip_address(address) in usual else str(usual)
