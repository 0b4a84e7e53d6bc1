"""The builder's records in a daemon: listed, and removed one by one by their exact IDs.

The daemon's list is not whole at every moment. Of two records that share their data, one that can
be written and its read-only twin, BuildKit lists one, and which one depends on whether the twin is
in use (`DiskUsage` in its cache manager,
https://github.com/moby/buildkit/blob/v0.25.0/cache/manager.go). So records come and go in the list
while builds run, and that one was not listed before does not make it new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import docker

from .clock import moment
from .connection import Engine
from .patience import patient

__all__ = ["described", "new", "records", "remove"]

ANSWER = 60  # seconds for the daemon to list or remove records
AT_ONCE = 100  # records that one request removes: its address stays below 4 kB
LOOKS = 5  # at most, until two in a row show no other record


def records(engine: Engine) -> set[str]:
    """Return the IDs of all build-cache records of the engine.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    return set(described(engine))


def described(engine: Engine) -> dict[str, str]:
    """Return all build-cache records of the engine: ID → what the builder calls it.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    return {name: item.get("Description") or "" for name, item in _all(engine).items()}


def new(
    engine: Engine, known: Collection[str], began: float, *, imported: bool = False
) -> dict[str, str]:
    """Return the records that a build made: ID → what the builder calls it.

    A build of somebody else's that ran at the same time cannot be told apart: its records count.

    Parameters
    ----------
    known: the IDs of the records that were there before.
    began: when the build began, by the engine's clock (`helpers.engine.clock.now`).
    imported: whether the build imported a cache. Records that came with it have the time at which
        they were made elsewhere; so there, an older one is also new if it is unused,
        or was last used since the build began.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    return {
        name: item.get("Description") or ""
        for name, item in _all(engine).items()
        if name not in known and _since(item, began, imported)
    }


def _since(item: dict, began: float, imported: bool) -> bool:
    made, used = item.get("CreatedAt"), item.get("LastUsedAt")
    if not made or moment(made) >= began:
        return True
    return imported and (not used or moment(used) >= began)


def _all(engine: Engine) -> dict[str, dict]:
    """Return what several looks saw: each record by its ID."""
    found = {item["ID"]: item for item in _listed(engine)}
    for _ in range(LOOKS - 1):
        seen = {item["ID"]: item for item in _listed(engine)}
        if seen.keys() <= found.keys():
            break
        found |= seen
    return found


def _listed(engine: Engine) -> list[dict]:
    with patient(engine, ANSWER) as api:
        # Engines before API 1.42 ignore `type` and count everything, which takes longer.
        answer = api._get(api._url("/system/df"), params={"type": "build-cache"})
        return api._result(answer, json=True).get("BuildCache") or []


def remove(engine: Engine, identifiers: Iterable[str]) -> set[str]:
    """Remove records by their IDs; return those of them that are still there: they are in use.

    A record goes only after those that stand on it. Those are younger, so the youngest are removed
    first, and all is tried again until nothing more goes. After each request the builder goes
    through all that it knows, so one request names many records: as a regular expression, which
    the filter ``id`` takes (`toBuildkitPruneInfo`,
    https://github.com/moby/moby/blob/v28.5.2/builder/builder-next/builder.go). What is left then
    is named one by one: Engine 20.10 takes the filter literally.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    wanted = set(identifiers)
    left = _youngest_first(engine, wanted)
    for at_once in (AT_ONCE, 1):
        before = len(left) + 1
        while left and len(left) < before:
            before = len(left)
            for start in range(0, len(left), at_once):
                _prune(engine, left[start : start + at_once])
            left = _youngest_first(engine, wanted)
    return set(left)


def _prune(engine: Engine, names: list[str]) -> None:
    exactly = names[0] if len(names) == 1 else f"^({'|'.join(names)})$"
    filters = docker.utils.convert_filters({"id": [exactly]})
    with patient(engine, ANSWER) as api:
        query = {"filters": filters, "all": True}
        api._raise_for_status(api._post(api._url("/build/prune"), params=query))


def _youngest_first(engine: Engine, wanted: Collection[str]) -> list[str]:
    found = [item for item in _listed(engine) if item["ID"] in wanted]
    found.sort(key=lambda item: item.get("CreatedAt") or "", reverse=True)
    return [item["ID"] for item in found]
