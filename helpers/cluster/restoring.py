"""A cluster that runs, or ran, made as it was when it was new."""

from __future__ import annotations

import contextlib

import docker

from ..containers.own import look, refused
from ..engine import Engine
from ..engine.patience import patient, until
from ..errors import ClusterFailed, CourseError, TimedOut
from . import gossip, nodes, swarm
from .link import Link, asking, leaderless
from .own import Member, members, network_of, registry_of

__all__ = ["led", "plug", "restore", "switch_on"]

TRIES = 3
MEMBER = ("active", "pending")  # pending: it has not yet heard from a leader
LEADER = 90.0  # seconds for managers that were started again to elect one
EMPTY = 60.0  # seconds for tasks, networks and secrets to go


def restore(engine: Engine, link: Link, found: list[Member], managers: int) -> None:
    """Bring every node back and take everything off the swarm that a lesson put there.

    Raises
    ------
    CourseError: it cannot be done; a new cluster can.
    """
    names = [one.name for one in found]
    for one in found:
        if one.state == "paused":
            with patient(engine, nodes.ANSWER) as api:
                api.unpause(one.container)
        plug(engine, one)
    switch_on(link, found)
    _registry(engine, found[0].lesson)
    for name in names:
        swarm.engine_answers(link, name)
    for attempt in range(TRIES):
        try:
            _as_new(link, names, managers)
            return
        except CourseError:  # managers that have just come back may elect another leader meanwhile
            if attempt + 1 == TRIES:
                raise


def _as_new(link: Link, names: list[str], managers: int) -> None:
    link.doubt()
    until(lambda: led(link), LEADER, "cluster.waiting_leader")
    with contextlib.suppress(TimedOut):  # one may have left the swarm, and then it joins again
        until(lambda: _all_active(link, names), LEADER, "cluster.waiting_ready")
    with asking():
        _members(link, link.api(link.manager()), members(link.engine, link.lesson))
    _roles(link, names, managers)
    _emptied(link)
    swarm.ready(link, names, managers)
    for name in names:
        _swept(link.api(name))


def plug(engine: Engine, one: Member) -> None:
    """Put a node back into the network of the nodes, with its address and its name there."""
    if one.address:
        return
    with patient(engine, nodes.ANSWER) as api:
        try:
            api.connect_container_to_network(
                one.container, network_of(one.lesson), aliases=[one.name],
                ipv4_address=_address_of(engine, one),
            )  # fmt: skip
        except docker.errors.APIError as error:
            if "already exists" not in str(error):
                raise ClusterFailed("cluster.refused", reason=refused(error)) from None


def _address_of(engine: Engine, one: Member) -> str:
    """Return the address that a node had when it was made."""
    subnet = nodes.network(engine, one.lesson)
    return str(subnet.network_address + 10 + int(one.name.rpartition("-")[2]))


def switch_on(link: Link, wanted: list[Member]) -> None:
    """Start those of these nodes that do not run, once the others have missed them."""
    off = [one for one in wanted if one.state not in ("running", "paused")]
    others = [one.name for one in members(link.engine, link.lesson) if one.runs and one.address]
    for one in off:
        gossip.missed(link, _address_of(link.engine, one), others)
    for one in off:
        nodes.start(link.engine, one.container)


def _registry(engine: Engine, lesson: str) -> None:
    found = look(engine, registry_of(lesson))
    if found and not found["State"]["Running"]:
        nodes.start(engine, found["Id"])
    elif not found:
        subnet = nodes.network(engine, lesson)
        nodes.registry(engine, lesson, str(list(subnet.hosts())[9]))


def led(link: Link) -> bool:
    """Whether a manager answers that follows a leader."""
    with contextlib.suppress(CourseError):
        return bool(link.manager())
    return False


def _members(link: Link, api: docker.APIClient, found: list[Member]) -> None:
    """Forget members that are none any more; let engines join that left the swarm."""
    rows = api.nodes()
    own = {one.name: link.api(one.name).info()["Swarm"] for one in found}
    wanted = {told.get("NodeID") for told in own.values() if told["LocalNodeState"] in MEMBER}
    tokens = api.inspect_swarm()["JoinTokens"]
    for row in rows:
        if row["ID"] not in wanted:
            if row["Spec"].get("Role") == "manager":
                _update(api, row["ID"], Role="worker")
            api.remove_node(row["ID"], force=True)
    lead = next(one for one in found if own[one.name].get("ControlAvailable"))
    for one in found:
        if own[one.name]["LocalNodeState"] not in MEMBER:
            link.api(one.name).leave_swarm(force=True)
            swarm.join(link, one, lead, tokens["Worker"])


def _all_active(link: Link, names: list[str]) -> bool:
    """Whether no engine still waits for the leader; one that is in no swarm does not."""
    with asking():
        states = [link.api(name).info()["Swarm"]["LocalNodeState"] for name in names]
    return "pending" not in states


def _roles(link: Link, names: list[str], managers: int) -> None:
    """Let the first nodes be the managers, and all be active, without labels."""
    wanted = {name: "manager" if number < managers else "worker"
              for number, name in enumerate(names)}  # fmt: skip

    def rows() -> list[dict]:
        with asking():
            return link.api(link.manager()).nodes()

    swarm.known(link, names)
    for role in ("manager", "worker"):  # never fewer managers than are wanted in between
        for row in rows():
            name = row["Description"]["Hostname"]
            spec = row["Spec"]
            plain = not spec.get("Labels") and spec["Availability"] == "active"
            if wanted.get(name) == role and (spec["Role"] != role or not plain):
                with asking():
                    api = link.api(link.manager())
                    _update(api, row["ID"], Role=role, Labels={}, Availability="active")
                if spec["Role"] != role:
                    swarm.role_reached(link, name, role)


def _update(api: docker.APIClient, identifier: str, **changed: object) -> None:
    row = api.inspect_node(identifier)
    api.update_node(identifier, row["Version"]["Index"], {**row["Spec"], **changed})


def _emptied(link: Link) -> None:
    """Remove services, then what only services use."""
    with asking():
        api = link.api(link.manager())
        services = api.services()
        for row in services:
            _gone(api.remove_service, row["ID"])
        if services:
            for node in link.containers:
                _ended(link.api(node))
            until(lambda: not api.tasks(), EMPTY, "cluster.waiting_tasks")

        def left() -> bool:
            for row in api.secrets():
                _gone(api.remove_secret, row["ID"])
            for row in api.configs():
                _gone(api.remove_config, row["ID"])
            overlays = [row for row in api.networks(filters={"driver": "overlay"})
                        if not row.get("Ingress")]  # fmt: skip
            for row in overlays:
                _gone(api.remove_network, row["Id"])
            return bool(overlays or api.secrets() or api.configs())

        until(lambda: not left(), EMPTY, "cluster.waiting_tasks")


def _ended(api: docker.APIClient) -> None:
    """End what runs on a node: one that is frozen cannot end, others take their time over it."""
    for row in api.containers():
        if row["State"] == "paused":
            _gone(api.unpause, row["Id"])
        _gone(api.kill, row["Id"])


def _swept(api: docker.APIClient) -> None:
    """Remove containers and volumes from a node; its images stay, to be quick the next time."""
    with asking():
        for row in api.containers(all=True):
            _gone(api.remove_container, row["Id"], force=True, v=True)
        for row in api.volumes().get("Volumes") or []:
            _gone(api.remove_volume, row["Name"])


def _gone(call: object, identifier: str, **options: object) -> None:
    try:
        call(identifier, **options)  # type: ignore[operator]
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        # a network, secret or volume whose last task is just going is in use for a moment
        if leaderless(str(error)) or error.status_code not in (400, 403, 409, 500):
            raise
