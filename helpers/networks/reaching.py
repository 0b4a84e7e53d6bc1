"""Try who reaches whom: from container to container by name and by address, and from outside."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import docker

from ..containers.own import ours
from ..engine import Engine, connect
from ..engine.patience import patient
from ..errors import ContainerFailed, NetworkFailed
from ..messages import text
from ..text import plain
from .model import HOST, Network, Node, Published, Reach, Survey
from .networks import _network as as_network
from .outside import knock, published
from .own import ANSWER, look_any
from .probing import CONNECT, Probe, probe

__all__ = ["reach", "survey"]

BY = ("name", "address")
STARTING = 1.5  # seconds in which a program that was just started begins to listen


def reach(
    source: str, target: str, port: int = 80, *, by: str = "name", engine: Engine | None = None
) -> Reach:
    """Try to connect from one container to a port of another; print the command, and what came.

    Parameters
    ----------
    source: a running container of the course, or ``"host"``: this machine, through the port that
        the target has published.
    target: a container, or any other name under which one might be found.
    port: TCP, as the target's program listens on it.
    by: ``"name"``, or ``"address"`` to leave out the question whether the name is known.

    Raises
    ------
    NotFound, NotOurs: there is no such container, or it is not the course's.
    ContainerFailed: the source does not run.
    NetworkFailed: no port, or ``by`` is neither of the two.
    TimedOut, EngineLost: the daemon did not answer.
    """
    engine = engine or connect()
    if by not in BY or not 0 < port < 65536:
        raise NetworkFailed("networks.bad_question", by=by, port=port)
    found = _from_outside(engine, target, port) if source == HOST else None
    found = found or _between(engine, source, target, port, by)
    print(found)
    return found


def _from_outside(engine: Engine, target: str, port: int) -> Reach:
    address = published(ours(engine, target)).get(port)
    if address is None:
        return Reach(HOST, target, port, "published", "not_published")
    print(f"$ curl http://{address[0]}:{address[1]}/")
    return Reach(HOST, target, port, "published", _patiently(lambda: knock(engine, address)))


def _between(engine: Engine, source: str, target: str, port: int, by: str) -> Reach:
    told = _running(engine, source)
    where = target if by == "name" else _address(engine, ours(engine, target), told)
    if not where:
        return Reach(source, target, port, by, "no_address")
    # An address is another one on each machine, so the name stands for it in what is shown.
    shown = where if by == "name" else text("networks.address_of", name=target)
    command = ["docker", "exec", source, "nc", "-w", str(CONNECT)]
    print(f"$ {plain(shlex.join(command))} {plain(shown)} {port} -e true")
    wanted = [Probe(where, port)]
    why = _patiently(lambda: probe(engine, source, told["Id"], wanted)[0])
    return Reach(source, target, port, by, why)


def _patiently(knock: Callable[[], str]) -> str:
    """Give a program that has just been started a moment to listen."""
    deadline = time.monotonic() + STARTING
    while (why := knock()) == "refused" and time.monotonic() < deadline:
        time.sleep(0.2)
    return why


def _running(engine: Engine, name: str) -> dict:
    told = ours(engine, name)
    if not told["State"]["Running"]:
        raise ContainerFailed("networks.not_running", name=name)
    return told


def _address(engine: Engine, target: dict, source: dict) -> str:
    """Return an address of a container, one in a network that both are in if there is any."""
    theirs = target["NetworkSettings"]["Networks"]
    common = [name for name in theirs if name in source["NetworkSettings"]["Networks"]]
    for name in [*common, *sorted(theirs)]:
        if address := theirs[name].get("IPAddress"):
            return address
    return ""


def survey(
    containers: Sequence[str],
    port: int | Mapping[str, int] = 80,
    *,
    engine: Engine | None = None,
) -> Survey:
    """Try every way between some containers, and from this machine to each; nothing is printed.

    A container is tried by its name first, and by its address if nobody knows the name. Stopped
    ones are told and not tried. Nor is it tried to reach one in the host's network, which has no
    address of its own; what it reaches is.

    Parameters
    ----------
    containers: the course's, in the order in which the figure shows them.
    port: what the programs listen on, one for all or one for each container (80 for the others).
        That one is reached where nothing listens counts as reached: the network let it through.

    Raises
    ------
    NotFound, NotOurs, TimedOut, EngineLost: as for `reach`.
    """
    engine = engine or connect()
    told = {name: ours(engine, name) for name in dict.fromkeys(containers)}
    ports = {name: port if isinstance(port, int) else port.get(name, 80) for name in told}
    running = [name for name, one in told.items() if one["State"]["Running"]]
    with ThreadPoolExecutor(max_workers=4) as pool:
        tried = pool.map(lambda name: _all_from(engine, name, running, told, ports), running)
        reaches = [one for some in tried for one in some]
    outside = {name: published(told[name]) for name in running}
    for name in _with_own_network(running, told):
        address = outside[name].get(ports[name])
        why = knock(engine, address) if address else "not_published"
        reaches.append(Reach(HOST, name, ports[name], "published", why))
    return Survey(
        nodes=tuple(
            Node(name, tuple(sorted(one["NetworkSettings"]["Networks"])), name in running)
            for name, one in told.items()
        ),
        networks=_networks(engine, told),
        published=tuple(
            Published(name, f"{address[0]}:{address[1]}", inside)
            for name in running
            for inside, address in sorted(outside[name].items())
        ),
        reaches=tuple(reaches),
    )


def _all_from(
    engine: Engine, source: str, others: Sequence[str], told: Mapping[str, dict],
    ports: Mapping[str, int],
) -> list[Reach]:  # fmt: skip
    targets = [name for name in _with_own_network(others, told) if name != source]
    identifier = told[source]["Id"]
    by_name = _answers(engine, source, identifier, [(name, name) for name in targets], ports)
    again = [name for name in targets if by_name[name] == "unknown"]
    addresses = [(name, _address(engine, told[name], told[source])) for name in again]
    reachable = [(name, address) for name, address in addresses if address]
    by_address = _answers(engine, source, identifier, reachable, ports)
    found = []
    for name in targets:
        tried = Reach(source, name, ports[name], "name", by_name[name])
        if name in by_address:
            tried = replace(tried, by="address", why=by_address[name])
        elif name in again:
            tried = replace(tried, by="address", why="no_address")
        found.append(tried)
    return found


def _with_own_network(names: Sequence[str], told: Mapping[str, dict]) -> list[str]:
    """Leave out who lives in the host's network: its ports and its address are the host's."""
    return [name for name in names if HOST not in told[name]["NetworkSettings"]["Networks"]]


def _answers(
    engine: Engine, source: str, identifier: str, targets: Iterable[tuple[str, str]],
    ports: Mapping[str, int],
) -> dict[str, str]:  # fmt: skip
    wanted = list(targets)
    if not wanted:
        return {}
    probes = [Probe(address, ports[name]) for name, address in wanted]
    found = probe(engine, source, identifier, probes)
    return dict(zip((name for name, _ in wanted), found, strict=True))


def _networks(engine: Engine, told: Mapping[str, dict]) -> tuple[Network, ...]:
    names = {name for one in told.values() for name in one["NetworkSettings"]["Networks"]}
    found = []
    with patient(engine, ANSWER):
        for name in sorted(names):
            try:
                row = look_any(engine, name)
            except docker.errors.NotFound:
                continue
            if row:
                found.append(replace(as_network(row), members=()))
    return tuple(found)
