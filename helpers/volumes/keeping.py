"""Where a container can write, tried out: what is there when it stops, goes, or has company."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker

from .. import bases, containers, paths
from ..containers.own import look
from ..containers.quietly import quietly
from ..engine import Engine, connect
from ..engine.patience import patient
from .bind import Bound
from .mounts import mounts
from .own import ANSWER
from .volumes import create, remove

__all__ = ["LAYER", "Keeping", "Kept", "compare"]

LAYER = "layer"
PLACES = {
    LAYER: "/layer",
    "anonymous": "/anonymous",
    "volume": "/named",
    "bind": "/bind",
    "tmpfs": "/memory",
}
MARK = "mark"
ANSWERS = 20.0  # seconds for a command in the container
SCRIPT = 'for place; do [ -e "$place/mark" ] && echo "$place"; done; true'


@dataclass(frozen=True)
class Kept:
    """One place to write to, and what became of a file there.

    Fields
    ------
    kind: ``"layer"``, ``"anonymous"``, ``"volume"``, ``"bind"`` or ``"tmpfs"``.
    target: the path in the container.
    restarted: whether the file was there after `docker stop` and `docker start`.
    replaced: whether a new container with the same flags found it, after the first was removed.
    shared: whether a second container with the same flags saw it while the first ran.
    left: whether something of it lay in the engine or on the host after the first was removed with
        a plain `docker rm`.
    """

    kind: str
    target: str
    restarted: bool
    replaced: bool
    shared: bool
    left: bool


@dataclass(frozen=True)
class Keeping:
    """The places of one container, compared; `helpers.figures.keeping` draws it."""

    kept: tuple[Kept, ...]

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: the figure does."""


def compare(name: str, *, engine: Engine | None = None) -> Keeping:
    """Write a file to each place that a container can write to, and look where it is kept.

    The commands are printed. Everything that was made for it is removed in the end.

    Parameters
    ----------
    name: of the container and of the named volume, ``lbl-<lesson>-…``. A bind mount is tried with a
        folder in the course's own; it is left out where the engine runs on another machine.

    Raises
    ------
    NotOurs: a container or volume of that name exists that the course did not make.
    ContainerFailed, TimedOut, EngineLost, NoSpace: as for `helpers.containers.run`.
    """
    engine = engine or connect()
    image = bases.busybox(engine)
    with _folder(engine) as folder:
        places = {k: v for k, v in PLACES.items() if folder or k != "bind"}
        flags = [f"{name}:{places['volume']}", places["anonymous"]]
        if folder:
            flags.append(Bound(f"{folder}:{places['bind']}", f"./folder:{places['bind']}"))
        trial = _Trial(engine, image, name, flags, places)
        try:
            return trial.run()
        finally:
            trial.clear()


class _Trial:
    """The containers of one comparison."""

    def __init__(
        self, engine: Engine, image: str, name: str, volumes: list[str], places: dict[str, str]
    ) -> None:
        self.engine, self.image, self.name = engine, image, name
        self.volumes, self.places = volumes, places
        self.orphans: list[str] = []

    def run(self) -> Keeping:
        create(self.name, empty=True, engine=self.engine)
        self._start(self.name)
        self._write()
        self._start(f"{self.name}-2")
        shared = self._seen(f"{self.name}-2")
        containers.remove(f"{self.name}-2", engine=self.engine)
        containers.stop(self.name, engine=self.engine)
        containers.start(self.name, engine=self.engine)
        restarted = self._seen(self.name)
        self._remove()
        left = {"volume": True, "bind": "bind" in self.places, "anonymous": bool(self.orphans)}
        self._start(self.name)
        replaced = self._seen(self.name)
        return Keeping(
            tuple(
                Kept(
                    kind, place, place in restarted, place in replaced, place in shared,
                    left.get(kind, False),
                )
                for kind, place in self.places.items()
            )
        )  # fmt: skip

    def _start(self, name: str) -> None:
        containers.run(
            self.image, ["sleep", "600"], name, detach=True, stop_signal="KILL",
            volumes=self.volumes, tmpfs=[self.places["tmpfs"]], engine=self.engine,
        )  # fmt: skip

    def _write(self) -> None:
        words = ["sh", "-c", 'mkdir -p "$0"; for p in "$0" "$@"; do echo > "$p/mark"; done']
        quietly(self.engine, self.name, [*words, *self.places.values()], ANSWERS)

    def _seen(self, name: str) -> set[str]:
        words = ["sh", "-c", SCRIPT, "look", *self.places.values()]
        return set(quietly(self.engine, name, words, ANSWERS)[1].split())

    def _remove(self) -> None:
        """Remove the container as a plain `docker rm -f` does, and see which volume stays."""
        found = mounts(self.name, engine=self.engine).mounts
        containers.container.say(["docker", "rm", "-f", self.name])
        with patient(self.engine, ANSWER) as api:
            api.remove_container(self.name, v=False, force=True)
            for mount in found:
                if mount.kind == "anonymous":
                    with contextlib.suppress(docker.errors.NotFound):
                        api.inspect_volume(mount.source)
                        self.orphans.append(mount.source)

    def clear(self) -> None:
        for name in (self.name, f"{self.name}-2"):
            if look(self.engine, name):
                containers.remove(name, engine=self.engine)
        with patient(self.engine, ANSWER) as api:
            for orphan in self.orphans:
                with contextlib.suppress(docker.errors.NotFound):
                    api.remove_volume(orphan)
        remove(self.name, engine=self.engine)


@contextlib.contextmanager
def _folder(engine: Engine) -> Iterator[Path | None]:
    """Lend a folder of the host, None where the engine could not see it."""
    if engine.endpoint.remote:
        yield None
        return
    above = paths.writable(paths.home() / "bind")
    folder = Path(tempfile.mkdtemp(dir=above))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
