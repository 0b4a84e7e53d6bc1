"""The learner's own copy of the notebooks: made, updated, restored; edits are never overwritten."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..paths import NOTEBOOKS, WORK, writable

__all__ = ["Change", "WorkCopy"]

MANIFEST = ".installed.json"


@dataclass(frozen=True)
class Change:
    """What happened to one notebook.

    ``what`` is ``"new"``, ``"updated"``, ``"beside"`` (the learner's was edited and stays; the new
    edition lies at ``place``), ``"restored"`` or ``"saved"`` (the edited one was moved to
    ``place``).
    """

    what: str
    notebook: str
    place: str = ""


class WorkCopy:
    """A folder with copies of the course's notebooks, which a learner edits.

    Parameters
    ----------
    folder: the copy, ``work/`` in the clone.
    source: the notebooks of the course.

    A notebook counts as edited when the type or the source of a cell differs from what was
    installed; outputs and metadata do not count, so running a lesson is no edit.
    """

    def __init__(self, folder: Path = WORK, source: Path = NOTEBOOKS) -> None:
        self.folder = folder
        self.source = source

    def update(self) -> list[Change]:
        """Bring the copy up to date and return what changed, in the order of the notebooks.

        Raises
        ------
        NotWritable, NoSpace: the copy cannot be written.
        """
        return [change for name in self._names() for change in self._update(name)]

    def restore(self, lesson: str) -> list[Change]:
        """Give back the notebooks of ``lesson`` (``"01"``); edited ones are moved aside first."""
        changes = []
        for name in self._names():
            if not Path(name).name.startswith(f"{lesson}-"):
                continue
            mine = self.folder / name
            if self.edited(name):
                aside = _free(mine, "mine")
                mine.rename(aside)
                changes.append(Change("saved", name, self._relative(aside)))
            self._install(name, mine)
            self._record(name, fingerprint(self.source / name), offered="")
            changes.append(Change("restored", name))
        return changes

    def edited(self, name: str) -> bool:
        """Whether the learner changed the notebook ``name`` (a path below the folder)."""
        mine = self.folder / name
        if not mine.exists():
            return False
        return fingerprint(mine) not in (
            self._manifest().get(name, {}).get("installed"),
            fingerprint(self.source / name),
        )

    def edits(self) -> list[str]:
        """Return the files that hold something of the learner's: edited and added ones."""
        if not self.folder.exists():
            return []
        known = set(self._names()) | set(self._manifest())
        offered = {entry.get("place") for entry in self._manifest().values()}
        found = []
        for path in sorted(self.folder.rglob("*")):
            name = self._relative(path)
            if not path.is_file() or name == MANIFEST or ".ipynb_checkpoints" in path.parts:
                continue
            if name in offered or (name in known and not self._differs(name)):
                continue
            found.append(name)
        return found

    def _differs(self, name: str) -> bool:
        if (self.source / name).exists():
            return self.edited(name)
        return fingerprint(self.folder / name) != self._manifest()[name].get("installed")

    def _names(self) -> list[str]:
        return sorted(
            path.relative_to(self.source).as_posix()
            for path in self.source.rglob("*.ipynb")
            if ".ipynb_checkpoints" not in path.parts
        )

    def _update(self, name: str) -> Iterator[Change]:
        mine = self.folder / name
        entry = self._manifest().get(name, {})
        current = fingerprint(self.source / name)
        if not mine.exists():
            self._install(name, mine)
            self._record(name, current, offered="")
            yield Change("new", name)
        elif (have := fingerprint(mine)) == current:
            if entry.get("installed") != current:
                self._record(name, current, offered="")
        elif have == entry.get("installed"):
            self._install(name, mine)
            self._record(name, current, offered="")
            yield Change("updated", name)
        elif current not in (entry.get("installed"), entry.get("offered")):
            place = self.folder / entry["place"] if entry.get("place") else None
            # an edition that was laid beside before and not touched since gives way
            if place is None or not place.exists() or fingerprint(place) != entry["offered"]:
                place = _free(mine, "updated")
            self._install(name, place)
            self._record(name, entry.get("installed", ""), current, self._relative(place))
            yield Change("beside", name, self._relative(place))

    def _install(self, name: str, place: Path) -> None:
        writable(place.parent)
        part = place.with_name(f".{place.name}.part")
        shutil.copyfile(self.source / name, part)
        part.replace(place)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _manifest(self) -> dict[str, dict[str, str]]:
        try:
            found = json.loads((self.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            return {}  # without it every notebook that differs counts as edited: nothing is lost
        return found if isinstance(found, dict) else {}

    def _record(self, name: str, installed: str, offered: str, place: str = "") -> None:
        manifest = self._manifest()
        manifest[name] = {"installed": installed, "offered": offered, "place": place}
        path = writable(self.folder) / MANIFEST
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(manifest, indent=1, sort_keys=True), "utf-8")
        part.replace(path)


def fingerprint(notebook: Path) -> str:
    """Return a hash over the types and sources of a notebook's cells; of the bytes if broken."""
    content = notebook.read_bytes()
    with contextlib.suppress(ValueError, KeyError, TypeError):
        cells = [
            (cell["cell_type"], "".join(cell["source"])) for cell in json.loads(content)["cells"]
        ]
        content = json.dumps(cells).encode()
    return hashlib.sha256(content).hexdigest()


def _free(path: Path, word: str) -> Path:
    """Return a name beside ``path`` that is free: ``01-x.mine.ipynb``, ``01-x.mine-2.ipynb``."""
    number = 1
    while True:
        mark = word if number == 1 else f"{word}-{number}"
        candidate = path.with_name(f"{path.stem}.{mark}{path.suffix}")
        if not candidate.exists():
            return candidate
        number += 1
