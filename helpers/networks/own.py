"""Find a network by its name, and refuse to touch one that is not the course's."""

from __future__ import annotations

import difflib

import docker

from ..engine import Engine, labels
from ..engine.patience import patient
from ..errors import NotFound, NotOurs

__all__ = ["ANSWER", "BUILT_IN", "look", "look_any", "ours"]

ANSWER = 60  # seconds for the daemon to make, look up or remove a network
BUILT_IN = ("bridge", "host", "none")  # every engine has these three


def ours(engine: Engine, name: str) -> dict:
    """Return what the daemon tells of the course's network ``name``.

    Raises
    ------
    NotFound: there is no such network; near names of the course are suggested.
    NotOurs: there is one, and the course did not make it.
    """
    found = look(engine, name)
    if found is None:
        with patient(engine, ANSWER) as api:
            names = sorted(
                row["Name"]
                for row in api.networks()
                if labels.belongs(row.get("Labels"), row["Name"])
            )
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or names[:3]
        raise NotFound("networks.missing", name=name, near=", ".join(near) or "–")
    return found


def look(engine: Engine, name: str) -> dict | None:
    """Return what the daemon tells of a network, None if there is none of that name.

    Raises
    ------
    NotOurs: the course did not make it.
    """
    found = look_any(engine, name)
    if found is not None and not labels.belongs(found.get("Labels"), found["Name"]):
        raise NotOurs("networks.not_ours", name=name)
    return found


def look_any(engine: Engine, name: str) -> dict | None:
    """Return what the daemon tells of any network of that very name, also somebody else's."""
    with patient(engine, ANSWER) as api:
        for row in api.networks(names=[name]):  # finds parts of names, too
            if row["Name"] == name:
                try:
                    return api.inspect_network(row["Id"])
                except docker.errors.NotFound:
                    return None
    return None
