"""A class on a Swarm: started, looked at, stopped, removed. Runs where a manager's engine is."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import docker

from ...engine import Engine, connect, labels
from ...engine.patience import patient, until
from ...messages import LANGUAGES, speaking, text
from .. import certificate, image
from ..door import close_door, open_door
from ..names import IMAGE, learner
from ..roster import Roster
from ..running import READY, answers, told
from ..settings import ClassroomError, Settings

__all__ = ["Place", "check", "manager", "places", "remove", "spread", "start", "status", "stop"]

LEAST_API = (1, 44)  # a service's seccomp profile and AppArmor (moby pull request 46386)
CLASS = f"{labels.NAMESPACE}.class"
LEARNER = f"{labels.NAMESPACE}.role=learner"
ENDED = 90  # seconds for nodes to end what they hold


@dataclass(frozen=True)
class Place:
    """The node of a learner: its name, and its ID in the Swarm."""

    node: str
    id: str


@dataclass(frozen=True)
class Manager:
    """The engine of this machine, a manager of the Swarm."""

    engine: Engine
    socket: Path


def manager() -> Manager:
    """Return the engine that `helpers.engine.connect` finds, if it is fit to hold the hub.

    Raises
    ------
    ClassroomError: it is not on this machine, no manager of a Swarm, or too old.
    EngineNotFound, EngineDenied: as for `helpers.engine.connect`.
    """
    engine = connect(start=False)
    found = engine.client.version()
    swarm = engine.client.info().get("Swarm") or {}
    if not engine.endpoint.socket:
        raise ClassroomError("classroom_swarm.elsewhere", url=engine.endpoint.url)
    if not swarm.get("ControlAvailable"):
        raise ClassroomError("classroom_swarm.no_manager", url=engine.endpoint.url)
    if tuple(map(int, found["ApiVersion"].split("."))) < LEAST_API:
        raise ClassroomError("classroom_swarm.too_old", version=found["Version"])
    return Manager(engine, Path(engine.endpoint.socket))


def check(settings: Settings, nodes: Sequence[str] = ()) -> None:
    """See that a class can be started so; nothing is made or changed.

    Raises
    ------
    ClassroomError: as for `manager`; one of the settings cannot be, there is no such node, or
        another class is on this Swarm.
    NotFound: there is no such lesson.
    """
    settings.check()
    engine = manager().engine
    _alone(engine, settings)
    _placed(engine, settings, (), nodes)


def start(settings: Settings, nodes: Sequence[str], dns: str) -> dict[str, Place]:
    """Start a class, or bring one that runs to what its settings and its roster say now.

    Learners keep the node that they have; new ones get the one with the fewest. Returns where each
    learner is. Their servers start there once the node was prepared (`.node`).

    Parameters
    ----------
    nodes: names of the Swarm's nodes that learners may be on; none: as the last time.
    dns: the name server of the containers in learners' engines.

    Raises
    ------
    ClassroomError, NotFound: as for `check`.
    EngineFailed, NoSpace, …: as for engines and images.
    """
    check(settings, nodes)
    found = manager()
    users = list(Roster(settings.folder).people())
    placed = _placed(found.engine, settings, users, nodes)
    image.make(found.engine, settings.lessons)
    certificate.ensure(settings.folder, settings.address)
    with speaking(LANGUAGES[settings.language]):
        welcome = text("classroom.welcome")
    (settings.folder / "welcome.txt").write_text(welcome, "utf-8")
    (settings.folder / "learner.json").write_text(json.dumps(told(settings)))
    said = {
        "name": settings.name, "dns": dns, "image": image_of(found.engine),
        "places": {user: asdict(place) for user, place in placed.items()},
    }  # fmt: skip
    _file(settings).write_text(json.dumps(said, indent=1))
    with patient(found.engine, 60) as api:
        for user in users:
            if not api.networks(names=[learner(user)]):
                api.create_network(
                    learner(user), "overlay", attachable=True, scope="swarm",
                    labels=labels.make(role="class") | {CLASS: settings.name},
                )  # fmt: skip
    open_door(found.engine, found, settings, users, settings.address, "swarm_config.py")
    print(text("classroom.starting"), flush=True)
    until(lambda: answers(settings), READY, "classroom.door_waiting", url=settings.url)
    return placed


def places(settings: Settings) -> dict[str, Place]:
    """Return where each learner is, as it was decided last.

    Raises
    ------
    ClassroomError: the class was never started on a Swarm.
    """
    if not _file(settings).exists():
        raise ClassroomError("classroom_swarm.not_here", name=settings.name)
    said = json.loads(_file(settings).read_text())["places"]
    return {user: Place(**place) for user, place in said.items()}


def image_of(engine: Engine) -> str:
    """Return the ID of the class's image."""
    with patient(engine, 60) as api:
        return api.inspect_image(IMAGE)["Id"]


def status(settings: Settings) -> dict[str, str]:
    """Return the state of the server of each learner who has one: ``"running"``, ``"pending"``."""
    found = {}
    with patient(manager().engine, 60) as api:
        for user in places(settings):
            with contextlib.suppress(docker.errors.APIError):  # there is no such service
                for task in api.tasks(filters={"service": learner(user)}):
                    found[user] = task["Status"]["State"]
    return found


def stop(settings: Settings) -> None:
    """Stop a class, and wait until no node holds a server; disks and passphrases stay.

    Raises
    ------
    TimedOut: a node did not end a server; it may be away.
    """
    engine = manager().engine
    _alone(engine, settings)
    close_door(engine)
    with patient(engine, 60) as api:
        mine = {row["ID"] for row in api.services(filters={"label": LEARNER})}
        for service in mine:
            api.remove_service(service)
        until(lambda: not mine & {task["ServiceID"] for task in api.tasks()}, ENDED,
              "classroom_swarm.ending")  # fmt: skip


def remove(settings: Settings) -> None:
    """Remove servers, networks and roster of a class; its nodes have the disks (`.node.remove`).

    Raises
    ------
    TimedOut: as for `stop`.
    """
    stop(settings)
    with patient(manager().engine, 60) as api:
        until(lambda: _gone(api, settings.name), ENDED, "classroom_swarm.ending")
    shutil.rmtree(settings.folder, ignore_errors=True)


def _gone(api: docker.APIClient, name: str) -> bool:
    """Whether the networks of a class are gone; one that nothing is in any more is removed."""
    left = api.networks(filters={"label": f"{CLASS}={name}"})
    for row in left:
        with contextlib.suppress(docker.errors.APIError):  # something is in it, or it is going
            api.remove_network(row["Id"])
    return not left


def _alone(engine: Engine, settings: Settings) -> None:
    with patient(engine, 60) as api:
        rows = api.networks(filters={"label": CLASS})
    others = {row["Labels"][CLASS] for row in rows} - {settings.name}
    if others:
        raise ClassroomError("classroom_swarm.another", other=min(others))


def spread(
    users: Sequence[str], kept: Mapping[str, Place], nodes: Sequence[str], known: Mapping[str, str]
) -> dict[str, Place]:
    """Return a node for each user: the one with their disk, else the one with the fewest.

    Parameters
    ----------
    kept: where users are already.
    nodes: names of those that new users may be on; none: those that hold somebody.
    known: all nodes of the Swarm, by name, with their IDs.

    Raises
    ------
    ClassroomError: there is no such node, or none was named.
    """
    chosen = list(nodes) or sorted({place.node for place in kept.values()})
    if not chosen:
        raise ClassroomError("classroom_swarm.which", nodes=" ".join(sorted(known)))
    found = {user: kept[user].node for user in users if user in kept}
    for node in {*chosen, *found.values()}:
        if node not in known:
            raise ClassroomError("classroom_swarm.no_node", node=node, nodes=" ".join(known))
    for user in users:
        if user not in found:
            held = Counter(found.values())
            found[user] = min(chosen, key=held.__getitem__)
    return {user: Place(node, known[node]) for user, node in found.items()}


def _placed(
    engine: Engine, settings: Settings, users: Sequence[str], nodes: Sequence[str]
) -> dict[str, Place]:
    kept = places(settings) if _file(settings).exists() else {}
    with patient(engine, 60) as api:
        known = {row["Description"]["Hostname"]: row["ID"] for row in api.nodes()}
    return spread(users, kept, nodes, known)


def _file(settings: Settings) -> Path:
    return settings.folder / "swarm.json"
