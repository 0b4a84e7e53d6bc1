"""Nodes as containers: made, started, waited for, removed."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import docker

from ..containers.own import look, refused
from ..engine import Engine, labels
from ..engine.patience import patient, until
from ..errors import ClusterFailed
from ..registry.image import NAME as REGISTRY_IMAGE
from ..registry.image import PORT as REGISTRY_PORT
from ..registry.image import make as make_registry
from ..text import plain
from . import dial, node_image, thawing
from .own import MADE, REGISTRY, Member, members, name_of, network_of, registry_of

__all__ = ["PUBLISHED", "make", "network", "registry", "remove", "start", "tail"]

PUBLISHED = (8080, 8081)  # host ports of node-1 that this machine reaches
ANSWER = 120  # seconds for the daemon to make, start or remove a container
TRIES = 5  # a port that is free inside an engine's network may be taken outside
DAEMON = ("dockerd", f"--insecure-registry={REGISTRY}:{REGISTRY_PORT}", "--ip6tables=false")


def make(
    engine: Engine, lesson: str, count: int, shape: str, memory: int | None = None
) -> list[Member]:
    """Make the network, the registry and the nodes, and start them.

    Raises
    ------
    ClusterFailed: the daemon runs no privileged containers, or every port it chose was taken.
    NotOurs: a container, network or volume of such a name exists that the course did not make.
    DownloadFailed, EngineFailed, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    image = node_image.make(engine)
    make_registry(engine)
    names = [name_of(lesson, number + 1) for number in range(count)]
    for name in (*names, registry_of(lesson)):
        look(engine, name)  # somebody else's of that name is refused before anything is made
    subnet = network(engine, lesson)
    hosts = list(subnet.hosts())
    try:
        with ThreadPoolExecutor(4) as pool:
            work = [pool.submit(registry, engine, lesson, str(hosts[9]))]
            for number, name in enumerate(names, 1):
                arguments = (engine, lesson, number, name, image, shape, str(hosts[9 + number]))
                work.append(pool.submit(_node, *arguments, memory))
            for one in work:
                one.result()
    except BaseException:
        remove(engine, lesson)
        raise
    return members(engine, lesson)


def network(engine: Engine, lesson: str) -> ipaddress.IPv4Network:
    """Make the network of the nodes unless it is there; return its range of addresses.

    Nodes keep their addresses over a restart, so the network needs a range that was named. Which
    one is free only the daemon knows: it is asked for any, and then for that very one.
    """
    name = network_of(lesson)
    marks = labels.make(lesson, role="nodes")
    with patient(engine, ANSWER) as api:
        for row in api.networks(names=[name]):
            if row["Name"] == name and labels.ours(row.get("Labels")):
                return ipaddress.IPv4Network(row["IPAM"]["Config"][0]["Subnet"])
        for attempt in range(TRIES):
            first = api.create_network(name, "bridge", labels=marks)["Id"]
            found = api.inspect_network(first)["IPAM"]["Config"][0]
            api.remove_network(first)
            pool = docker.types.IPAMPool(subnet=found["Subnet"], gateway=found.get("Gateway"))
            try:
                api.create_network(
                    name, "bridge", labels=marks,
                    ipam=docker.types.IPAMConfig(pool_configs=[pool]),
                )  # fmt: skip
            except docker.errors.APIError as error:  # somebody else was given it meanwhile
                if attempt + 1 == TRIES:
                    raise ClusterFailed("cluster.refused", reason=refused(error)) from None
                continue
            return ipaddress.IPv4Network(found["Subnet"])
    raise AssertionError("unreachable")


def registry(engine: Engine, lesson: str, address: str) -> None:
    """Make and start the registry that the nodes pull from."""
    marks = labels.make(lesson, role="cluster-registry")
    _create(
        engine, registry_of(lesson), REGISTRY_IMAGE, marks, lesson, address, [REGISTRY],
        {REGISTRY_PORT: ("127.0.0.1", None)}, [f"{REGISTRY_PORT}/tcp"],
    )  # fmt: skip


def _node(
    engine: Engine, lesson: str, number: int, name: str, image: str, shape: str, address: str,
    memory: int | None,
) -> None:  # fmt: skip
    marks = labels.make(lesson, role="node") | {MADE: shape}
    with patient(engine, ANSWER) as api:
        api.create_volume(name, labels=labels.make(lesson, role="node"))
    ports = {port: ("127.0.0.1", None) for port in PUBLISHED} if number == 1 else {}
    more = {"mem_limit": memory} if memory else {}
    _create(
        engine, name, image, marks, lesson, address, [f"node-{number}"], ports,
        [f"{port}/tcp" for port in ports], command=list(DAEMON), hostname=f"node-{number}",
        privileged=True, userns_mode="host", tmpfs={"/run": "mode=755", "/tmp": ""},
        mounts=[docker.types.Mount("/var/lib/docker", name, type="volume")], **more,
    )  # fmt: skip


def _create(
    engine: Engine, name: str, image: str, marks: dict[str, str], lesson: str, address: str,
    aliases: list[str], ports: dict, exposed: list[str], command: list[str] | None = None,
    hostname: str | None = None, **host: object,
) -> None:  # fmt: skip
    with patient(engine, ANSWER) as api:
        settings = api.create_host_config(
            port_bindings=ports,
            network_mode=network_of(lesson),
            log_config={"type": "json-file", "config": {"max-size": "4m"}},
            **host,
        )
        joins = api.create_endpoint_config(aliases=aliases, ipv4_address=address)
        try:
            made = api.create_container(
                image, command, name=name, hostname=hostname, labels=marks, host_config=settings,
                ports=[port.partition("/")[0] for port in exposed],
                networking_config=api.create_networking_config({network_of(lesson): joins}),
            )["Id"]  # fmt: skip
        except docker.errors.APIError as error:
            raise _why(error, host) from None
        start(engine, made)


def start(engine: Engine, container: str) -> None:
    """Start a container; a port of this machine that is taken is tried again with another.

    Raises
    ------
    ClusterFailed: the daemon refuses it.
    """
    with patient(engine, ANSWER) as api:
        for attempt in range(TRIES):
            try:
                api.start(container)
                return
            except docker.errors.APIError as error:
                said = str(error)
                taken = "already in use" in said or "already allocated" in said
                if taken and attempt + 1 < TRIES:
                    continue
                if taken:
                    raise ClusterFailed("cluster.port_taken", reason=refused(error)) from None
                raise _why(error, {"privileged": True}) from None


def _why(error: docker.errors.APIError, host: dict) -> ClusterFailed:
    reason = plain(refused(error))
    if host.get("privileged") and "privileged" in reason.lower():
        return ClusterFailed("cluster.no_privileged", reason=reason)
    return ClusterFailed("cluster.refused", reason=reason)


def remove(engine: Engine, lesson: str) -> int:
    """Remove nodes, registry, network and volumes of a lesson's cluster; return how many nodes.

    Raises
    ------
    EngineLost: the daemon went away.
    TimedOut: the daemon had not removed a container in time.
    """
    wanted = {"label": [labels.COURSE, f"{labels.LESSON}={lesson}"]}
    roles = ("node", "cluster-registry", "nodes")
    mine: Callable[[dict], bool] = lambda row: (  # noqa: E731
        (row.get("Labels") or {}).get(f"{labels.NAMESPACE}.role") in roles
    )
    thawing.thaw_all(engine, lesson)
    with patient(engine, ANSWER) as api:
        rows = [row for row in api.containers(all=True, filters=wanted) if mine(row)]
        for row in rows:
            dial.forget(engine, row["Names"][0].lstrip("/"))
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda row: _gone(api.remove_container, row["Id"], v=True, force=True),
                          rows))  # fmt: skip
        left = lambda: [r for r in api.containers(all=True, filters=wanted) if mine(r)]  # noqa: E731
        until(lambda: not left(), ANSWER, "cluster.waiting_removal")
        for row in api.networks(filters=wanted):
            if mine(row):
                _gone(api.remove_network, row["Id"])
        for row in api.volumes(filters=wanted).get("Volumes") or []:
            if mine(row):
                _gone(api.remove_volume, row["Name"])
    return sum(row["Labels"].get(f"{labels.NAMESPACE}.role") == "node" for row in rows)


def _gone(call: Callable[..., object], identifier: str, **options: object) -> None:
    with contextlib.suppress(docker.errors.NotFound):
        try:
            call(identifier, **options)
        except docker.errors.APIError as error:
            if error.status_code != 409:  # it is going already
                raise


def tail(engine: Engine, container: str, lines: int = 6) -> str:
    """Return the end of what a node's container wrote; empty if it does not exist."""
    with patient(engine, ANSWER) as api, contextlib.suppress(docker.errors.APIError):
        return plain(api.logs(container, tail=lines).decode(errors="replace"))
    return ""
