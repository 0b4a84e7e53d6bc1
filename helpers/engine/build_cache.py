"""The builder's records in a daemon: listed, and removed one by one by their exact IDs."""

from __future__ import annotations

from collections.abc import Iterable

import docker

from .connection import Engine
from .patience import patient

__all__ = ["described", "records", "remove"]

ANSWER = 60  # seconds for the daemon to list or remove records


def records(engine: Engine) -> set[str]:
    """Return the IDs of all build-cache records of the engine.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    return {item["ID"] for item in _listed(engine)}


def described(engine: Engine) -> dict[str, str]:
    """Return all build-cache records of the engine: ID → what the builder calls it.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    return {item["ID"]: item.get("Description") or "" for item in _listed(engine)}


def _listed(engine: Engine) -> list[dict]:
    with patient(engine, ANSWER) as api:
        # Engines before API 1.42 ignore `type` and count everything, which takes longer.
        answer = api._get(api._url("/system/df"), params={"type": "build-cache"})
        return api._result(answer, json=True).get("BuildCache") or []


def remove(engine: Engine, identifiers: Iterable[str]) -> set[str]:
    """Remove records by their IDs; return those of them that are still there: they are in use.

    A record goes only after those that stand on it. Those are younger, so the youngest are removed
    first, and all is tried again until nothing more goes.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    wanted = set(identifiers)
    left = [item for item in _listed(engine) if item["ID"] in wanted]
    while left:
        for item in sorted(left, key=lambda one: one.get("CreatedAt") or "", reverse=True):
            filters = docker.utils.convert_filters({"id": [item["ID"]]})
            with patient(engine, ANSWER) as api:
                query = {"filters": filters, "all": True}
                api._raise_for_status(api._post(api._url("/build/prune"), params=query))
        still = [item for item in _listed(engine) if item["ID"] in wanted]
        if len(still) == len(left):
            break
        left = still
    return {item["ID"] for item in left}
