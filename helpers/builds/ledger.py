"""What the course remembers of its builds: what went into every step, kept from build to build.

One JSON file a build below ``<home>/builds/<engine>/``, and one line a build in ``known.jsonl``:
the cache keys of its steps, and the builder's records that hold them.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import orjson

from ..bases.archive import room
from ..engine import Engine
from ..paths import home, writable
from .plan import Parts, Planned

__all__ = ["Kept", "forget", "fresh_key", "keep", "kept", "known", "last", "lost"]

MOST = 500  # builds of one engine whose ingredients are kept


@dataclass(frozen=True)
class Kept:
    """One build: what went into its steps, how each ended, which records hold the results.

    ``records`` maps step ids to the IDs of the builder's records that the step made; a step that
    came from the cache made none. ``where`` and ``file`` tell builds of one context from others.
    ``gone`` are the steps whose result was known and whose records were no longer there.
    """

    key: str
    where: str
    file: str
    target: str
    lesson: str
    builder: str
    no_cache: bool
    steps: tuple[Planned, ...]
    states: Mapping[str, str]
    records: Mapping[str, str] = field(default_factory=dict)
    gone: tuple[str, ...] = ()

    @property
    def got_somewhere(self) -> bool:
        """Whether at least one step was done."""
        return any(state in ("cached", "ran") for state in self.states.values())

    def step(self, identifier: str) -> Planned | None:
        """Return a step by its id."""
        return next((step for step in self.steps if step.id == identifier), None)


def _folder(engine: Engine) -> Path:
    return home() / "builds" / re.sub(r"[^\w.-]", "_", engine.id)


def fresh_key(engine: Engine) -> str:
    """Return a name for the next build; names sort by age."""
    folder = writable(_folder(engine))
    numbers = [int(p.stem.split("-")[0]) for p in folder.glob("*-*.json")]
    return f"{max(numbers, default=0) + 1:06d}-{secrets.token_hex(4)}"


def keep(engine: Engine, build: Kept) -> None:
    """Remember a build.

    Raises
    ------
    NotWritable, NoSpace: the course's folder cannot be written.
    """
    folder = writable(_folder(engine))
    line = {"build": build.key, "lesson": build.lesson, "steps": _results(build, known(engine))}
    with room(folder):
        part = folder / f".{build.key}.part"
        part.write_bytes(orjson.dumps(build))
        part.replace(folder / f"{build.key}.json")
        descriptor = os.open(folder / "known.jsonl", os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # a line that a full disk cut short must not take this one along
            torn = os.lseek(descriptor, 0, os.SEEK_END) > 0
            if torn:
                os.lseek(descriptor, -1, os.SEEK_END)
                torn = os.read(descriptor, 1) != b"\n"
            os.write(descriptor, b"\n" * torn + orjson.dumps(line) + b"\n")
        finally:
            os.close(descriptor)
    _remember(build)
    for old in sorted(folder.glob("*-*.json"))[:-MOST]:
        old.unlink(missing_ok=True)


def _results(build: Kept, held: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Return key and record of each step that is done; nothing for a hit whose record is known."""
    found = []
    for step in build.steps:
        record = build.records.get(step.id, "")
        hit = build.states.get(step.id) == "cached"
        if hit and step.id not in build.gone and held.get(step.parts.key):
            continue
        if hit or build.states.get(step.id) == "ran":
            found.append((step.parts.key, record))
    return found


_recent: dict[str, Kept] = {}


def _remember(build: Kept) -> None:
    _recent[build.key] = build
    while len(_recent) > 50:
        del _recent[next(iter(_recent))]


def kept(key: str, engine: Engine) -> Kept | None:
    """Return a build by its name; None if it is forgotten."""
    if key in _recent:
        return _recent[key]
    return _load(_folder(engine) / f"{key}.json") if key else None


def last(engine: Engine, where: str, file: str, target: str = "") -> Kept | None:
    """Return the latest build of this context with this Dockerfile, best of the same stage.

    One that failed before any of its steps was done tells nothing, and is passed over.
    """
    found = None
    for path in sorted(_folder(engine).glob("*-*.json"), reverse=True):
        build = _recent.get(path.stem) or _load(path)
        if build and (build.where, build.file) == (where, file) and build.got_somewhere:
            if build.target == target:
                return build
            found = found or build
    return found


@lru_cache(maxsize=64)
def _parsed(path: Path, _stamp: int) -> Kept | None:
    try:
        told = orjson.loads(path.read_bytes())
        steps = tuple(_planned(one) for one in told.pop("steps"))
        return Kept(steps=steps, **{k: _tuples(v) for k, v in told.items()})
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None  # of another version of the course, or torn by a full disk


def _load(path: Path) -> Kept | None:
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except OSError:
        return None


def _planned(told: dict) -> Planned:
    parts = {key: _tuples(value) for key, value in told.pop("parts").items()}
    return Planned(parts=Parts(**parts), **{key: _tuples(value) for key, value in told.items()})


def _tuples(value: object) -> object:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


def known(engine: Engine) -> dict[str, set[str]]:
    """Return every cache key that a build of the course left: key → IDs of the builder's records.

    The ID ``""`` stands for a step that was found in the cache when the course first met it, or
    found there although the records that the course knew of were gone.
    """
    found: dict[str, set[str]] = {}
    for line in _lines(engine):
        for key, record in line["steps"]:
            held = found.setdefault(key, set())
            held.add(record)
            if record:  # it ran: what had been found there before is no longer
                held.discard("")
    return found


def lost(records: set[str] | None, present: Iterable[str]) -> bool:
    """Whether a result that was known is gone: every record that held it has been removed."""
    return bool(records) and "" not in records and records.isdisjoint(present)


def _lines(engine: Engine) -> list[dict]:
    found = []
    with contextlib.suppress(FileNotFoundError):
        for line in (_folder(engine) / "known.jsonl").read_bytes().splitlines():
            with contextlib.suppress(ValueError):
                found.append(orjson.loads(line))
    return [line for line in found if _is_line(line)]


def _is_line(line: object) -> bool:
    """Whether it is a line as `keep` writes it."""
    if not isinstance(line, dict) or not {"build", "lesson", "steps"} <= line.keys():
        return False
    steps = line["steps"]
    return isinstance(steps, list) and all(
        isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
        for one in steps
    )


def forget(engine: Engine, lesson: str | None = None) -> None:
    """Forget the builds of a lesson, or all: their results are being removed from the builder."""
    folder = _folder(engine)
    left = [line for line in _lines(engine) if lesson and line["lesson"] != lesson]
    gone = {line["build"] for line in _lines(engine)} - {line["build"] for line in left}
    if not folder.is_dir():
        return
    part = folder / f".known.{os.getpid()}.part"
    part.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in left))
    part.replace(folder / "known.jsonl")
    for path in folder.glob("*-*.json"):
        if lesson is None or path.stem in gone:
            path.unlink(missing_ok=True)
            _recent.pop(path.stem, None)
