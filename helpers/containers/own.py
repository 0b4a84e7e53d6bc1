"""Find a container by its name, and refuse to touch one that is not the course's."""

from __future__ import annotations

import difflib

import docker

from ..engine import Engine, labels, talking
from ..errors import NotFound, NotOurs

__all__ = ["ours", "refused"]


def ours(engine: Engine, name: str) -> dict:
    """Return what the daemon tells of the course's container ``name``.

    Raises
    ------
    NotFound: there is no such container; near names of the course are suggested.
    NotOurs: there is one, and the course did not make it.
    """
    found = look(engine, name)
    if found is None:
        with talking(engine):
            rows = engine.client.api.containers(all=True, filters=labels.FILTER)
        names = [n.lstrip("/") for row in rows for n in row["Names"]]
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4) or sorted(names)[:3]
        raise NotFound("containers.missing", name=name, near=", ".join(near) or "–")
    return found


def look(engine: Engine, name: str) -> dict | None:
    """Return what the daemon tells of a container, ``None`` if there is none of that name.

    Raises
    ------
    NotOurs: the course did not make it.
    """
    with talking(engine):
        try:
            found = engine.client.api.inspect_container(name)
        except docker.errors.NotFound:
            return None
    if not labels.ours(found["Config"].get("Labels")):
        raise NotOurs("containers.not_ours", name=name)
    return found


def refused(error: docker.errors.APIError) -> str:
    """Return the daemon's own words, without the request around them."""
    return str(error.explanation or error).strip()
