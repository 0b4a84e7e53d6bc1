"""Find a volume by its name, and refuse to touch one that is not the course's."""

from __future__ import annotations

import difflib

import docker

from ..engine import Engine, labels
from ..engine.patience import patient
from ..errors import NotFound, NotOurs

__all__ = ["ANSWER", "look", "ours", "users"]

ANSWER = 60  # seconds for the daemon to make, look up or remove a volume


def ours(engine: Engine, name: str) -> dict:
    """Return what the daemon tells of the course's volume ``name``.

    Raises
    ------
    NotFound: there is no such volume; near names of the course are suggested.
    NotOurs: there is one, and the course did not make it.
    """
    found = look(engine, name)
    if found is None:
        with patient(engine, ANSWER) as api:
            rows = api.volumes().get("Volumes") or []
        names = sorted(
            row["Name"] for row in rows if labels.belongs(row.get("Labels"), row["Name"])
        )
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names[:3]
        raise NotFound("volumes.missing", name=name, near=", ".join(near) or "–")
    return found


def look(engine: Engine, name: str) -> dict | None:
    """Return what the daemon tells of a volume, None if there is none of that name.

    Raises
    ------
    NotOurs: the course did not make it.
    """
    with patient(engine, ANSWER) as api:
        try:
            found = api.inspect_volume(name)
        except docker.errors.NotFound:
            return None
        except docker.errors.APIError as error:
            if error.status_code == 400:  # no name that a volume can have
                return None
            raise
    if not labels.belongs(found.get("Labels"), found["Name"]):
        raise NotOurs("volumes.not_ours", name=name)
    return found


def users(engine: Engine, name: str) -> list[dict]:
    """Return the containers that a volume is mounted in, running or not, as the API lists them."""
    with patient(engine, ANSWER) as api:
        return api.containers(all=True, filters={"volume": name})
