"""The build-cache records of the course's builds: told apart, written down, forgotten by ID."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ..engine import Engine, journal
from ..engine.build_cache import records, remove
from ..paths import home

__all__ = ["forget", "records", "remember", "take_fresh"]


def remember(engine: Engine, new: set[str], scenario: str | None, lesson: str | None) -> None:
    """Write down the records that a build added: for clean-up, and for its scenario."""
    journal.record("build-cache", sorted(new), engine, lesson)
    if scenario and new:
        state = _read(engine, scenario)
        _write(engine, scenario, {**state, "records": sorted({*state["records"], *new})})


def forget(engine: Engine, scenario: str) -> int:
    """Remove the records of a scenario's earlier builds by their exact IDs; return how many.

    The classic builder has no records: its next build is told to use no cache instead.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    wanted = set(_read(engine, scenario)["records"])
    present = records(engine)
    left = remove(engine, wanted)
    gone = wanted - left
    journal.forget(e for e in journal.entries(engine, "build-cache") if e.id in gone)
    _write(engine, scenario, {"records": sorted(left), "fresh": True})
    return len(wanted & present - left)


def take_fresh(engine: Engine, scenario: str | None) -> bool:
    """Whether this is the first build of a scenario that was told to forget; it then is no more."""
    if scenario is None or not (state := _read(engine, scenario))["fresh"]:
        return False
    _write(engine, scenario, {**state, "fresh": False})
    return True


def _path() -> Path:
    return home() / "build-cache.json"


def _all() -> dict[str, dict]:
    try:
        found = json.loads(_path().read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _read(engine: Engine, scenario: str) -> dict:
    return {"records": [], "fresh": False} | _all().get(f"{engine.id} {scenario}", {})


def _write(engine: Engine, scenario: str, state: dict) -> None:
    whole = {**_all(), f"{engine.id} {scenario}": state}
    part = _path().with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(whole), "utf-8")
    part.replace(_path())
