"""How long the cells of each part took, as the tests of the notebooks measured it.

Each passing notebook test leaves a file in the course's own folder (`keep`); `write` puts them all
into ``lessons/times.toml``, which is committed and from which the teaching notes are printed.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from .. import paths
from ..paths import home, writable

__all__ = ["FILE", "Measured", "keep", "kept", "read", "write"]

FILE = paths.LESSONS / "times.toml"
_HEAD = """\
# How long the cells of each part ran, in seconds. Not edited by hand: the tests of the notebooks
# measure it, and `python -m helpers.teaching measure` writes what they measured last.
"""


@dataclass(frozen=True)
class Measured:
    """One run of a lesson's notebook: seconds per part, when, and on what.

    ``workers`` is how many test processes shared the machine, ``load`` its load average over the
    last quarter of an hour (0: the system has none): beside other work, cells run longer.
    """

    date: str
    edition: str
    cores: int
    memory: int  # GB
    engine: str
    workers: int
    load: int
    seconds: Mapping[str, float]


def folder() -> Path:
    """Return where the tests leave what they measured."""
    return writable(home() / "times")


def keep(lesson: str, edition: str, engine: str, seconds: Mapping[str, float]) -> Path:
    """Note what one run of a lesson's notebook took.

    Parameters
    ----------
    lesson: its id, as ``"01"``.
    edition: the notebook's folder, as ``"en"``.
    engine: version and image store.
    seconds: per part; cells outside of any part (``""``) are left out.
    """
    measured = Measured(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        edition=edition,
        cores=os.cpu_count() or 1,
        memory=round(psutil.virtual_memory().total / 2**30),
        engine=f"{engine}, {platform.machine()}",
        workers=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")),
        load=round(os.getloadavg()[2]) if hasattr(os, "getloadavg") else 0,
        seconds={part: round(took, 1) for part, took in seconds.items() if part},
    )
    path = folder() / f"{lesson}.{edition.replace('/', '-')}.json"
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(asdict(measured), indent=1), "utf-8")
    part.replace(path)
    return path


def kept(edition: str = "en") -> dict[str, Measured]:
    """Return the last run of each lesson in this edition, as the tests of this machine left it."""
    found = {}
    for path in sorted(folder().glob(f"[0-9][0-9].{edition}.json")):
        found[path.name[:2]] = Measured(**json.loads(path.read_text("utf-8")))
    return found


def read(path: Path = FILE) -> dict[str, Measured]:
    """Return what was measured, by the lesson's id; a lesson that never was is not in it."""
    if not path.exists():
        return {}
    data = tomllib.loads(path.read_text("utf-8"))
    return {lesson: Measured(**table) for lesson, table in data.items()}


def write(new: Mapping[str, Measured], path: Path = FILE) -> dict[str, Measured]:
    """Put new measurements beside those of other lessons, and return what the file says now."""
    found = dict(sorted({**read(path), **new}.items()))
    blocks = [_HEAD]
    for lesson, one in found.items():
        lines = [f'["{lesson}"]']
        for name, value in asdict(one).items():
            if name != "seconds":
                lines.append(f"{name} = {json.dumps(value)}")
        lines.append(f'["{lesson}".seconds]')
        lines += [f"{part} = {took}" for part, took in one.seconds.items()]
        blocks.append("\n".join(lines) + "\n")
    path.write_text("\n".join(blocks), "utf-8")
    return found
