"""Which platform was chosen and what was seen there, in a file for checks and a new kernel."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ..engine import Engine
from ..paths import home
from .model import Proof

__all__ = ["LESSON", "Record", "forget", "keep", "load"]

LESSON = "17"


@dataclass(frozen=True)
class Record:
    """What the course remembers of one learner's capstone.

    Fields
    ------
    platform: that was chosen.
    kept: what a place needs to be found again: addresses, names, numbers.
    built: ID of the image that was handed over, by its tag there.
    proof: what was seen under trial.
    """

    platform: str
    kept: dict[str, str] = field(default_factory=dict)
    built: dict[str, str] = field(default_factory=dict)
    proof: Proof = field(default_factory=Proof)


def _path() -> Path:
    return home() / "capstone.json"


def _all() -> dict[str, dict]:
    try:
        found = json.loads(_path().read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def load(engine: Engine) -> Record | None:
    """Return what is remembered for a daemon."""
    found = _all().get(str(engine.id))
    try:
        return replace(Record(**found), proof=Proof(**found["proof"])) if found else None
    except (KeyError, TypeError):  # of an older version of the course
        return None


def keep(engine: Engine, record: Record) -> None:
    """Remember it in place of what was remembered for this daemon."""
    _write(_all() | {str(engine.id): asdict(record)})


def forget(engine: Engine) -> None:
    """Forget what is remembered for a daemon."""
    found = _all()
    if found.pop(str(engine.id), None) is not None:
        _write(found)


def _write(found: dict[str, dict]) -> None:
    part = _path().with_suffix(f".{os.getpid()}.part")
    # readable for its owner only: with Compose, the key lies in it
    part.touch(0o600)
    part.write_text(json.dumps(found, indent=1), "utf-8")
    part.replace(_path())
