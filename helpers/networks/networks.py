"""Make, look at and remove networks, and put containers into them, as `docker network` does."""

from __future__ import annotations

import ipaddress
import re
import shlex

import docker

from ..containers.own import ours as our_container
from ..engine import Engine, connect, labels
from ..engine.patience import patient
from ..errors import InUse, NetworkFailed, NotFound
from ..text import plain
from .model import Member, Network
from .own import ANSWER, BUILT_IN, look, look_any, ours

__all__ = ["connect_to", "create", "disconnect", "remove", "show"]

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")  # some engines take spaces, which nobody can type
DEFAULT = "com.docker.network.bridge.default_bridge"


def create(
    name: str, *, subnet: str | None = None, internal: bool = False, engine: Engine | None = None
) -> Network:
    """Make a bridge network; print the `docker network create` line.

    The course's own of that name is kept if it was made the same way. If not, it is made anew, as
    long as no container is in it.

    Parameters
    ----------
    name: ``lbl-<lesson>-…``.
    subnet: its addresses, as ``"10.99.0.0/24"``; without one the engine chooses some that are free.
    internal: nothing outside of the network can be reached from it.

    Raises
    ------
    NotOurs: the name is taken by a network that the course did not make.
    InUse: one of that name and other settings has containers.
    NetworkFailed: no name or subnet that a network can have, or the addresses overlap with those of
        another network; the message names it.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    flags = [*(["--subnet", subnet] if subnet else []), *(["--internal"] if internal else [])]
    _say(["docker", "network", "create", *flags, name])
    if not NAME.fullmatch(name):
        raise NetworkFailed("networks.bad_name", name=name)
    if name in BUILT_IN:
        raise NetworkFailed("networks.built_in", name=name)
    wanted = _subnet(subnet) if subnet else None
    if found := look(engine, name):
        if _same(found, wanted, internal):
            return _network(found)
        if names := _members(found):
            raise InUse("networks.other_settings", name=name, containers=", ".join(names))
        _delete(engine, found)
    pool = [docker.types.IPAMPool(subnet=str(wanted))] if wanted else []
    with patient(engine, ANSWER) as api:
        try:
            made = api.create_network(
                name, driver="bridge", internal=internal, labels=labels.make(labels.named(name)),
                ipam=docker.types.IPAMConfig(pool_configs=pool) if pool else None,
            )  # fmt: skip
        except docker.errors.APIError as error:
            raise _refused(engine, error, name, wanted) from None
        return _network(api.inspect_network(made["Id"]))


def _subnet(given: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(given)
    except ValueError as error:
        raise NetworkFailed("networks.bad_subnet", subnet=given, reason=error) from None


def _same(found: dict, subnet: object, internal: bool) -> bool:
    return found.get("Internal", False) == internal and (
        subnet is None or str(subnet) in _subnets(found)
    )


def _subnets(found: dict) -> list[str]:
    pools = (found.get("IPAM") or {}).get("Config") or []
    return [pool["Subnet"] for pool in pools if pool.get("Subnet")]


def _refused(
    engine: Engine, error: docker.errors.APIError, name: str, wanted: object
) -> NetworkFailed:
    reason = str(error.explanation or error).strip()
    if "overlap" in reason.lower() and wanted:
        other = _overlapping(engine, wanted)
        return NetworkFailed("networks.overlap", name=name, subnet=wanted, other=other or "–")
    if "fully subnetted" in reason or "non-overlapping" in reason:
        return NetworkFailed("networks.no_addresses", name=name)
    return NetworkFailed("networks.create", name=name, reason=reason)


def _overlapping(engine: Engine, wanted: object) -> str:
    for row in engine.client.api.networks():
        for other in map(ipaddress.ip_network, _subnets(row)):
            if other.version == wanted.version and other.overlaps(wanted):  # type: ignore[union-attr]
                return row["Name"]
    return ""


def show(name: str, *, engine: Engine | None = None) -> Network:
    """Return a network with the containers that are in it; also ``bridge``, ``host``, ``none``.

    Raises
    ------
    NotFound, NotOurs: there is no network of that name, or it is not the course's.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    found = look_any(engine, name) if name in BUILT_IN else ours(engine, name)
    if found is None:
        raise NotFound("networks.missing", name=name, near="–")
    return _network(found, engine)


def _network(found: dict, engine: Engine | None = None) -> Network:
    default = (found.get("Options") or {}).get(DEFAULT) == "true"
    members = [Member(name, _aliases(engine, name, found["Name"])) for name in _members(found)]
    return Network(
        name=found["Name"],
        driver=found["Driver"],
        subnet=", ".join(_subnets(found)),
        internal=found.get("Internal", False),
        names=found["Driver"] not in ("host", "null") and not default,
        members=tuple(members),
    )


def _members(found: dict) -> list[str]:
    return sorted(one["Name"] for one in (found.get("Containers") or {}).values())


def _aliases(engine: Engine | None, container: str, network: str) -> tuple[str, ...]:
    """Return the names beside its own; the engine adds the container's ID, which is left out."""
    if engine is None:
        return ()
    with patient(engine, ANSWER) as api:
        try:
            told = api.inspect_container(container)
        except docker.errors.NotFound:
            return ()
    end = told["NetworkSettings"]["Networks"].get(network) or {}
    known = {container, told["Id"][:12], told["Config"].get("Hostname", "")}
    return tuple(sorted(set(end.get("Aliases") or []) - known))


def connect_to(
    network: str, container: str, *, alias: str | None = None, engine: Engine | None = None
) -> None:
    """Put a container into one more network; print the `docker network connect` line.

    One that is in it already, under that alias, stays there.

    Parameters
    ----------
    alias: a further name by which the others in the network find it.

    Raises
    ------
    NotFound, NotOurs: no such network or container, or it is not the course's.
    NetworkFailed: it cannot be put there, for example because it has no network stack of its own.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    _say(
        ["docker", "network", "connect", *(["--alias", alias] if alias else []), network, container]
    )
    net, told = ours(engine, network), our_container(engine, container)
    if end := told["NetworkSettings"]["Networks"].get(network):
        if alias is None or alias in (end.get("Aliases") or []):
            return
        _unplug(engine, net["Id"], told["Id"])
    with patient(engine, ANSWER) as api:
        try:
            api.connect_container_to_network(
                told["Id"], net["Id"], aliases=[alias] if alias else None
            )
        except docker.errors.APIError as error:
            reason = str(error.explanation or error).strip()
            raise NetworkFailed(
                "networks.connect", network=network, container=container, reason=reason
            ) from None


def disconnect(network: str, container: str, *, engine: Engine | None = None) -> None:
    """Take a container out of a network; print the `docker network disconnect` line.

    One that is not in it is no error.

    Raises
    ------
    NotFound, NotOurs: no such network or container, or it is not the course's.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    _say(["docker", "network", "disconnect", network, container])
    told = our_container(engine, container)
    found = look_any(engine, network) if network in BUILT_IN else ours(engine, network)
    if found and network in told["NetworkSettings"]["Networks"]:
        _unplug(engine, found["Id"], told["Id"])


def _unplug(engine: Engine, network: str, container: str) -> None:
    with patient(engine, ANSWER) as api:
        api.disconnect_container_from_network(container, network)


def remove(name: str, *, engine: Engine | None = None) -> None:
    """Remove a network; print the `docker network rm` line. One that is gone is no error.

    Raises
    ------
    InUse: containers are in it; the message names them.
    NotOurs: the course did not make it.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    _say(["docker", "network", "rm", name])
    if found := look(engine, name):
        _delete(engine, found)


def _delete(engine: Engine, found: dict) -> None:
    with patient(engine, ANSWER) as api:
        try:
            api.remove_network(found["Id"])
            return
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            if error.status_code not in (403, 409):  # it has active endpoints
                raise
        names = _members(api.inspect_network(found["Id"]))
    raise InUse("networks.in_use", name=found["Name"], containers=", ".join(names) or "–")


def _say(words: list[str]) -> None:
    print(f"$ {plain(shlex.join(words))}")
