"""Start a scenario: restore its build context and its cache state, make its base images."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from .. import bases, paths
from ..bases.archive import room
from ..engine import Engine, connect
from ..errors import NotFound
from ..messages import LANGUAGES, text
from ..text import plain
from .restore import keep_edits, note_written, restore
from .shipped import find

__all__ = ["Scenario", "start"]


@dataclass(frozen=True)
class SourceText:
    """A file of a build context, shown with its name; the content is untrusted text."""

    name: str
    content: str

    def __repr__(self) -> str:
        lines = plain(self.content).rstrip("\n").splitlines()
        return "\n".join([f"{self.name}:", *(f"    {line}" for line in lines)])


@dataclass(frozen=True)
class Scenario:
    """A build context that is ready to be built.

    Fields
    ------
    name: as given, ``01.notes``.
    folder: the context; the learner may edit what lies in it.
    shown: the context's path as a lesson shows it: from the folder of the notebook.
    files: paths of its files, relative to ``folder``, sorted.
    """

    name: str
    folder: Path = field(repr=False)
    shown: str
    files: tuple[str, ...]

    @property
    def lesson(self) -> str:
        """The number of its lesson."""
        return self.name.partition(".")[0]

    def show(self, file: str = "Dockerfile") -> SourceText:
        """Return a file of the context for display.

        Raises
        ------
        NotFound: the context has no such file; the message names those that it has.
        """
        return SourceText(f"{self.shown}/{file}", self._path(file).read_text("utf-8", "replace"))

    def write(self, file: str, content: str) -> None:
        """Give a file of the context another content, as an editor would.

        The next start takes it back without a word; what the learner had made of the file is kept.
        """
        path = self._path(file)
        mode = path.stat().st_mode & 0o7777
        shipped = find(self.name).folder
        for kept in keep_edits(shipped, self.folder, [path.relative_to(self.folder)]):
            print(_told(kept, self.folder))
        with room(self.folder):
            path.write_text(content, "utf-8")
            path.chmod(mode)
            note_written(self.folder, path)

    def _path(self, file: str) -> Path:
        path = self.folder / file
        if not path.is_file() or not path.resolve().is_relative_to(self.folder.resolve()):
            known = ", ".join(self.files)
            raise NotFound("scenarios.no_file", file=file, name=self.name, known=known)
        return path

    def __str__(self) -> str:
        lines = [text("scenarios.ready", name=self.name, folder=self.shown)]
        return "\n".join([*lines, *(f"  {plain(path)}" for path in self.files)])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def start(name: str, engine: Engine | None = None) -> Scenario:
    """Bring the scenario ``name`` into its first state, as often as wanted.

    * Its build context is copied to where the learner can see and edit it: the folder ``contexts``
      beside the notebook in a working copy, else the course's own folder. Files that the learner
      edited or added are moved to ``contexts/<name>.yours``, which is said.
    * The base images that its Dockerfiles name are made if they are missing.
    * Its cache state: what was built from it stays a cache hit, so a cell that is run again makes
      the same layers; the cache salt (`helpers.bases.salt`) keeps an earlier life of the course
      out. A scenario that its lesson calls cold stands on a base image of its own, which is made
      anew with another salt, so that each start is followed by misses.

    Raises
    ------
    NotFound: no such scenario.
    NotWritable, NoSpace: the context could not be written; the learner's files are still there.
    EngineLost, DownloadFailed, NotOurs: as for the base images.
    """
    shipped = find(name)
    folder = _place() / shipped.label
    for path in restore(shipped.folder, folder):
        print(_told(path, folder))
    engine = engine or connect()
    for image in shipped.needs:
        if image in bases.MAKERS:
            bases.MAKERS[image](engine)
    for base in shipped.cold:
        bases.MAKERS[base](engine)
        bases.anew(base, shipped.label, shipped.lesson, engine)
    files = (path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir())
    return Scenario(
        name, folder, f"contexts/{shipped.label}", tuple(sorted(p.as_posix() for p in files))
    )


def _told(kept: Path, folder: Path) -> str:
    where = Path("contexts", kept.relative_to(folder.parent)).as_posix()
    return text("scenarios.kept", file=where)


def _place() -> Path:
    """Return the folder for contexts: in the learner's working copy, if this notebook is there."""
    if chosen := os.environ.get("LAYER_BY_LAYER_CONTEXTS"):  # of a run that is nobody's work
        return paths.writable(Path(chosen))
    here = Path.cwd()
    if here.is_relative_to(paths.WORK):
        inside = here.relative_to(paths.WORK).parts
        language = inside[0] if inside and inside[0] in LANGUAGES else ""
        return paths.writable(paths.WORK / language / "contexts")
    return paths.writable(paths.home() / "scenarios")
