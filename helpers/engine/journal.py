"""What the course made that cannot carry a label, written down when it is made.

One line of JSON per object in ``<home>/journal.jsonl``: its kind, its exact ID, the daemon it lies
in, the lesson. Clean-up removes these by ID and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from ..paths import home
from .connection import Engine

__all__ = ["Entry", "entries", "forget", "record"]


@dataclass(frozen=True)
class Entry:
    """One journalled object; ``kind`` is ``"build-cache"``, ``"login"``, ``"context"``, …"""

    kind: str
    id: str
    engine: str
    lesson: str | None = None


def _path() -> Path:
    return home() / "journal.jsonl"


def _alone() -> FileLock:
    """Keep other notebooks and tests out while the file is written."""
    return FileLock(_path().with_suffix(".lock"))


def record(
    kind: str, identifiers: str | Iterable[str], engine: Engine, lesson: str | None = None
) -> None:
    """Write down objects of one kind. Lines are appended in one write, so that none is torn."""
    names = [identifiers] if isinstance(identifiers, str) else list(identifiers)
    if not names:
        return
    lines = [json.dumps(asdict(Entry(kind, name, engine.id, lesson))) for name in names]
    with _alone():
        descriptor = os.open(_path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, ("\n".join(lines) + "\n").encode())
        finally:
            os.close(descriptor)


def entries(engine: Engine | None = None, kind: str | None = None) -> list[Entry]:
    """Return what was written down and not yet removed, oldest first, each once."""
    found: dict[Entry, None] = {}
    with contextlib.suppress(FileNotFoundError):
        for line in _path().read_text().splitlines():
            with contextlib.suppress(ValueError, TypeError):  # a line torn by a full disk
                found[Entry(**json.loads(line))] = None
    return [
        entry
        for entry in found
        if (engine is None or entry.engine == engine.id) and kind in (None, entry.kind)
    ]


def forget(gone: Iterable[Entry]) -> None:
    """Strike out what has been removed."""
    gone = set(gone)
    if not gone:
        return
    with _alone():  # what is written down between reading and replacing would be lost
        left = [json.dumps(asdict(entry)) for entry in entries() if entry not in gone]
        part = _path().with_suffix(f".{os.getpid()}.part")
        part.write_text("".join(f"{line}\n" for line in left))
        part.replace(_path())
