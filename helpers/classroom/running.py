"""A class: started, looked at, stopped, removed."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import shutil
import socket
import ssl
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import docker

from ..classview import classes
from ..engine import Engine, connect, labels
from ..engine.patience import patient, until
from ..engine.private import reasons_against
from ..messages import LANGUAGES, speaking, text
from ..text import plain
from . import certificate, disks, image
from .door import open_door
from .names import DISK, IMAGE, learner
from .own_engine import IDS, ClassEngine
from .roster import INSTRUCTOR, Card, Roster
from .settings import ClassroomError, Settings

__all__ = [
    "READY", "Learner", "add", "answers", "check", "engine_of", "log", "remove", "reset", "start",
    "status", "stop", "told",
]  # fmt: skip

READY = 120  # seconds until the front door answers


@dataclass(frozen=True)
class Learner:
    """A learner now, and the memory of their server in bytes (0: not running)."""

    user: str
    name: str
    running: bool
    memory: int


def engine_of(settings: Settings) -> ClassEngine:
    """Return the engine of a class, running or not."""
    return ClassEngine(f"c-{settings.name}", door=(settings.address, settings.port))


def add(settings: Settings, names: Iterable[str]) -> list[Card]:
    """Add learners (and the instructor, the first time); return their cards.

    Raises
    ------
    ClassroomError: as for `Roster.add`.
    """
    settings.write()
    roster = Roster(settings.folder)
    first = [] if INSTRUCTOR in roster.people() else [INSTRUCTOR]
    return roster.add([*first, *names])


def check(settings: Settings) -> None:
    """See that a class can be started as its settings say; nothing is made or changed.

    Raises
    ------
    ClassroomError: one of the settings cannot be, this machine cannot hold a class, the address is
        not its own, the port is taken, or the class is open at another address or port.
    NotFound: there is no such lesson.
    """
    settings.check()
    if reasons := reasons_against():
        raise ClassroomError("classroom.not_here", reason=text(f"{reasons[0]}.what"))
    if not engine_of(settings).running:
        _free(settings)
    elif (here := _door_file(settings)).exists() and here.read_text() != settings.url:
        raise ClassroomError("classroom.moved", here=here.read_text(), name=settings.name)


def start(settings: Settings) -> str:
    """Start a class, or bring one that runs to what its settings and its roster say now.

    Learners whose servers run go on working. Returns the address of the front door.

    Raises
    ------
    ClassroomError, NotFound: as for `check`.
    EngineFailed, NoSpace, …: as for engines, images and disks.
    """
    check(settings)
    private = engine_of(settings)
    if not private.running:
        _door_file(settings).write_text(settings.url)
        private.start(lambda line: print(line, flush=True))
    engine = connect(private.url)
    image.make(engine, settings.lessons)
    roster = Roster(settings.folder)
    users = list(roster.people())
    certificate.ensure(settings.folder, settings.address)
    with speaking(LANGUAGES[settings.language]):
        welcome = text("classroom.welcome")
    (settings.folder / "welcome.txt").write_text(welcome, "utf-8")
    (settings.folder / "learner.json").write_text(json.dumps(told(settings)))
    for user in users:
        _places(engine, settings, user)
    open_door(engine, private, settings, users)
    print(text("classroom.starting"), flush=True)
    until(lambda: answers(settings), READY, "classroom.door_waiting", url=settings.url)
    return settings.url


def stop(settings: Settings) -> None:
    """Stop a class; disks, passphrases and what learners did stay."""
    engine_of(settings).stop()
    for disk in _disks(settings):
        disks.detach(disk)


def reset(settings: Settings, user: str) -> None:
    """Give a learner a fresh root and an empty engine; their notebooks stay.

    Raises
    ------
    ClassroomError: nobody has this user name, the class is stopped, their server runs, or
        something could not be deleted.
    """
    if user not in Roster(settings.folder).people():
        raise ClassroomError("classroom.nobody", user=user)
    private = engine_of(settings)
    if not private.running:
        raise ClassroomError("classroom.reset_closed", name=settings.name)
    name = learner(user)
    with patient(connect(private.url), 300) as api:
        if api.containers(filters={"name": f"^/{name}$"}):
            raise ClassroomError("classroom.reset_works", user=user)
        # In the user namespace: what lies on a learner's disk is not for the host's root to follow.
        command = ["sh", "-c", f"rm -rf {DISK}/root {DISK}/docker {DISK}/engines"]
        host = api.create_host_config(binds=[f"{name}:{DISK}"], network_mode="none")
        made = api.create_container(
            IMAGE, command, host_config=host, labels=labels.make(role="class")
        )["Id"]
        try:
            api.start(made)
            if api.wait(made)["StatusCode"]:
                said = plain(api.logs(made, tail=3).decode(errors="replace"))
                raise ClassroomError("classroom.reset_failed", user=user, reason=said)
        finally:
            api.remove_container(made, force=True)


def remove(settings: Settings) -> None:
    """Remove a class with everything of it: servers, disks, the engine, the roster."""
    private = engine_of(settings)
    stop(settings)
    private.remove()
    shutil.rmtree(settings.folder, ignore_errors=True)


def status(settings: Settings) -> list[Learner]:
    """Return the learners of a class as they are now."""
    people = Roster(settings.folder).people()
    private = engine_of(settings)
    memory: dict[str, int] = {}
    if private.running:
        engine = connect(private.url)
        with patient(engine, 60) as api:
            for row in api.containers(filters={"label": f"{labels.NAMESPACE}.role=learner"}):
                with contextlib.suppress(docker.errors.NotFound):
                    used = api.stats(row["Id"], stream=False, one_shot=True)["memory_stats"]
                    memory[row["Names"][0].strip("/")] = used.get("usage", 0)
    return [
        Learner(user, name, learner(user) in memory, memory.get(learner(user), 0))
        for user, name in people.items()
    ]


def log(settings: Settings, container: str) -> str:
    """Return the end of what a container of the class printed."""
    with patient(connect(engine_of(settings).url), 60) as api:
        return api.logs(container, tail=100).decode(errors="replace")


def answers(settings: Settings) -> bool:
    """Whether the hub answers behind the front door, which shows this class's certificate."""
    crt = settings.folder / "door.crt"
    trust = ssl.create_default_context(cafile=str(crt)) if crt.exists() else None
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
    )
    try:
        with opener.open(f"{settings.url}hub/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _free(settings: Settings) -> None:
    """Refuse an address that is not this machine's, or a port that is taken."""
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.address, settings.port))
        except OSError as error:
            raise ClassroomError(
                "classroom.door", address=settings.address, port=settings.port,
                reason=error.strerror,
            ) from None  # fmt: skip


def told(settings: Settings) -> dict[str, str]:
    """Return the variables of a learner's server.

    The instructor's view listens on the host; from a learner's container that is reached by its
    address in the room, and not by loopback.
    """
    if ipaddress.ip_address(settings.address).is_loopback:
        return {}
    return classes.open_(settings.name).environment(settings.address)


def _door_file(settings: Settings) -> Path:
    """Return the file that says where the class is open while its engine runs."""
    return settings.folder / "door.url"


def _disks(settings: Settings) -> list[Path]:
    return sorted((settings.folder / "disks").glob("*.img"))


def _places(engine: Engine, settings: Settings, user: str) -> None:
    """Make a learner's disk, volume and network; one that is in use stays as it is."""
    name = learner(user)
    with patient(engine, 60) as api:
        for found in api.containers(all=True, filters={"name": f"^/{name}$"}):
            if found["State"] == "running":
                return
            api.remove_container(found["Id"])  # it ended with its machine, and holds the volume
        disk = settings.folder / "disks" / f"{user}.img"
        disks.ensure(disk, settings.disk, IDS[0])
        disks.volume(api, name, disks.attach(disk))
        if not api.networks(names=[name]):
            api.create_network(name, labels=labels.make(role="class"), check_duplicate=True)
