"""Make, look at and remove volumes, as `docker volume` does."""

from __future__ import annotations

import shlex

import docker

from .. import containers
from ..engine import Engine, connect, labels
from ..engine.patience import patient
from ..errors import InUse, VolumeFailed
from ..text import plain
from . import files
from .amounts import amount
from .model import Volume
from .own import ANSWER, look, ours, users

__all__ = ["create", "remove", "show"]

MEMORY = "tmpfs"


def create(
    name: str, *, size: str | None = None, empty: bool = False, engine: Engine | None = None
) -> Volume:
    """Make a volume; print the `docker volume create` line. One that is there already is kept.

    Parameters
    ----------
    name: ``lbl-<lesson>-…``.
    size: at most so much, as ``"1m"``: the volume is then held in memory, which is the one kind
        that every engine can limit. Its data go when the last container that uses it stops.
    empty: begin anew: a volume of that name is removed first, with the course's containers that
        use it.

    Raises
    ------
    NotOurs: a volume of that name exists that the course did not make, or somebody else's
        container uses it.
    VolumeFailed: no name that a volume can have, no size, or one is there with another size.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    options = _options(size)
    words = [word for key, value in options.items() for word in ("--opt", f"{key}={value}")]
    print(f"$ {plain(shlex.join(['docker', 'volume', 'create', *words, name]))}")
    if (found := look(engine, name)) and empty:
        _clear(engine, name)
    elif found and (found.get("Options") or {}) != options:
        raise VolumeFailed("volumes.other_options", name=name)
    marks = labels.make(labels.named(name))
    with patient(engine, ANSWER) as api:
        try:
            api.create_volume(name, driver_opts=options or None, labels=marks)
        except docker.errors.APIError as error:
            reason = str(error.explanation or error).strip()
            raise VolumeFailed("volumes.create", name=name, reason=reason) from None
    return _volume(engine, ours(engine, name))


def _options(size: str | None) -> dict[str, str]:
    """Return the options of the local driver, which are those of mount(8)."""
    if size is None:
        return {}
    amount(size)
    return {"type": MEMORY, "device": MEMORY, "o": f"size={size}"}


def _clear(engine: Engine, name: str) -> None:
    for row in users(engine, name):
        names = [one.lstrip("/") for one in row["Names"]]
        containers.own.ours(engine, row["Id"])  # refuses somebody else's
        containers.lifecycle.delete(engine, row["Id"] if not names else names[0])
    with patient(engine, ANSWER) as api:
        api.remove_volume(name)


def show(name: str, *, engine: Engine | None = None) -> Volume:
    """Return a volume with what lies in it, as `docker volume inspect` and a look inside tell.

    Raises
    ------
    NotFound, NotOurs: there is no volume of that name, or it is not the course's.
    VolumeFailed: it could not be mounted.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    return _volume(engine, ours(engine, name))


def _volume(engine: Engine, found: dict) -> Volume:
    name, options = found["Name"], found.get("Options") or {}
    named = [one.lstrip("/") for row in users(engine, name) for one in row["Names"]]
    root, rest, cut = files.read(engine, name)
    memory = options.get("type") == MEMORY
    mount = found.get("Mountpoint") or ""
    marker = f"volumes/{name}/"
    place = mount[mount.rfind(marker) :] if marker in mount and not memory else ""
    return Volume(
        name=name,
        driver=found["Driver"],
        place=place,
        memory=memory,
        limit=_limit(options.get("o", "")),
        users=tuple(sorted(named)),
        uid=root.uid,
        gid=root.gid,
        files=tuple(rest),
        cut=cut,
    )


def _limit(options: str) -> int | None:
    for option in options.split(","):
        if option.startswith("size="):
            try:
                return amount(option.removeprefix("size="))
            except VolumeFailed:  # a share of the memory: "50%"
                return None
    return None


def remove(name: str, *, engine: Engine | None = None) -> None:
    """Remove a volume and what lies in it; print the `docker volume rm` line.

    One that is gone already is no error.

    Raises
    ------
    InUse: a container has it mounted; the message names the containers.
    NotOurs: the course did not make it.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    print(f"$ docker volume rm {plain(name)}")
    if look(engine, name) is None:
        return
    with patient(engine, ANSWER) as api:
        try:
            api.remove_volume(name)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            if error.status_code != 409:
                raise
    if holders := [one.lstrip("/") for row in users(engine, name) for one in row["Names"]]:
        raise InUse("volumes.in_use", name=name, containers=", ".join(sorted(holders)))
