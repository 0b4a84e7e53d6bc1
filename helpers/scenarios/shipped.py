"""The scenarios that the course ships: one build context each, ``lessons/<NN-…>/contexts/<name>``.

A context may have a file ``<name>.toml`` beside it::

    cache = "cold"             # each start makes the builder forget what it knows of this scenario
    bases = ["lbl/debian:12"]  # beyond those that its Dockerfiles name
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .. import paths
from ..builds.dockerfile import base_images
from ..errors import NotFound

__all__ = ["Shipped", "find", "names"]

WARM, COLD = "warm", "cold"


@dataclass(frozen=True)
class Shipped:
    """A scenario as the course ships it: where it lies, which images it stands on, its cache."""

    name: str
    folder: Path
    needs: tuple[str, ...]
    cold: bool

    @property
    def lesson(self) -> str:
        return self.name.partition(".")[0]


def _folders() -> dict[str, Path]:
    found = sorted(p for p in paths.LESSONS.glob("*/contexts/*") if p.is_dir())
    return {f"{p.parent.parent.name.partition('-')[0]}.{p.name}": p for p in found}


def names() -> list[str]:
    """Return the names of all scenarios, as ``01.notes``."""
    return sorted(_folders())


def find(name: str) -> Shipped:
    """Return the scenario ``name``.

    Raises
    ------
    NotFound: there is none of that name; near names are suggested.
    """
    folders = _folders()
    if name not in folders:
        near = difflib.get_close_matches(name, folders, n=3, cutoff=0.4) or sorted(folders)[:3]
        raise NotFound("scenarios.missing", name=name, near=", ".join(near) or "–")
    folder = folders[name]
    settings = folder.with_name(f"{folder.name}.toml")
    wanted = tomllib.loads(settings.read_text("utf-8")) if settings.exists() else {}
    cache = wanted.get("cache", WARM)
    if cache not in (WARM, COLD):
        raise ValueError(f"{settings.name}: cache is {WARM!r} or {COLD!r}, not {cache!r}")
    needs = dict.fromkeys(wanted.get("bases", []))
    for dockerfile in sorted(folder.rglob("*Dockerfile*")):
        needs |= dict.fromkeys(base_images(dockerfile.read_text("utf-8")))
    return Shipped(name, folder, tuple(needs), cache == COLD)
