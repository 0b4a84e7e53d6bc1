"""The scenarios that the course ships: one build context each, ``lessons/<NN-…>/contexts/<name>``.

A scenario that has to start with cache misses says so in its Dockerfile: its base image is
``lbl/busybox:<NN-name>`` (or ``lbl/python:<NN-name>``, …), which is made anew at each start.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from .. import paths
from ..bases import MAKERS
from ..builds.dockerfile import base_images
from ..errors import NotFound

__all__ = ["Shipped", "find", "names"]


@dataclass(frozen=True)
class Shipped:
    """A scenario as the course ships it: where it lies, and which images it stands on."""

    name: str
    folder: Path
    needs: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name as part of a path or a tag: ``01-notes``."""
        return self.name.replace(".", "-")

    @property
    def lesson(self) -> str:
        return self.name.partition(".")[0]

    @property
    def cold(self) -> tuple[str, ...]:
        """The images of the course of which it has one of its own, so as to start with misses.

        ``lbl/python:3`` if it stands on ``lbl/python:<label>``.
        """
        return tuple(
            base for base in MAKERS if f"{base.partition(':')[0]}:{self.label}" in self.needs
        )


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
    needs: dict[str, None] = {}
    for dockerfile in sorted(folder.rglob("*Dockerfile*")):
        needs |= dict.fromkeys(base_images(dockerfile.read_text("utf-8")))
    return Shipped(name, folder, tuple(needs))
