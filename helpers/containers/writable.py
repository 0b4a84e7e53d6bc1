"""The writable layer: what a container wrote on top of its image."""

from __future__ import annotations

import base64
import json
import tarfile
from dataclasses import dataclass
from typing import IO

import docker

from ..engine import Engine, connect
from ..engine.patience import patient
from ..messages import text
from ..text import plain, size
from .own import ours

__all__ = ["Writable", "changes"]

ANSWER = 120  # seconds for the daemon to compare a container with its image
CHANGED, ADDED, DELETED = 0, 1, 2  # archive.ChangeType of the engine's API
FOLDER, NO_FILE = (
    1 << 31,
    0x8F280000,
)  # Go's os.ModeDir, os.ModeType (https://pkg.go.dev/io/fs#FileMode)
# What the engine itself puts into every container; the stores differ in whether they tell of it.
ENGINES_OWN = {
    *("/.dockerenv", "/dev", "/dev/console", "/dev/pts", "/dev/shm", "/proc", "/sys"),
    *("/etc/hostname", "/etc/hosts", "/etc/mtab", "/etc/resolv.conf"),
}


@dataclass(frozen=True)
class Writable:
    """What lies in the writable layer of one container.

    Fields
    ------
    name: the container's.
    added, changed, deleted: absolute paths, sorted. A folder that is only listed because something
        in it changed is left out. Paths are untrusted text.
    sizes: content bytes of each added or changed file.
    """

    name: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    sizes: dict[str, int]

    @property
    def size(self) -> int:
        """Content bytes of the layer: of files added and changed, a changed file in full."""
        return sum(self.sizes.values())

    def __str__(self) -> str:
        rows = sorted(
            [(path, "A") for path in self.added]
            + [(path, "C") for path in self.changed]
            + [(path, "D") for path in self.deleted]
        )
        lines = [text("containers.writable", name=self.name, size=size(self.size))]
        for path, mark in rows:
            weight = f"  ({size(self.sizes[path])})" if path in self.sizes else ""
            lines.append(f"  {mark} {plain(path)}{weight}")
        if not rows:
            lines.append(f"  {text('containers.nothing_written')}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def changes(name: str, *, engine: Engine | None = None) -> Writable:
    """Return what the writable layer of the container ``name`` holds, as `docker diff` tells it.

    The sizes are asked for path by path, so they are content bytes in every image store. A file
    with two names (hard links) that is not in a new folder counts twice; a folder that was deleted
    and made again is told as unchanged, as `docker diff` does. Volumes are not part of the layer.

    Raises
    ------
    NotFound: there is no such container.
    NotOurs: the course did not make it.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    identifier = ours(engine, name)["Id"]
    with patient(engine, ANSWER) as api:
        listed = [c for c in api.diff(identifier) or [] if c["Path"] not in ENGINES_OWN]
        kinds = {change["Path"]: change["Kind"] for change in listed}
        sizes, folders = _sizes(api, identifier, kinds)
    gone = {p for p, kind in kinds.items() if kind == DELETED}
    touched = {p for p, kind in kinds.items() if kind == CHANGED and p in folders}
    added = {p for p, kind in kinds.items() if kind == ADDED}
    return Writable(
        name=name,
        added=tuple(sorted(added)),
        changed=tuple(sorted(kinds.keys() - added - gone - touched)),
        deleted=tuple(sorted(gone)),
        sizes=dict(sorted(sizes.items())),
    )


def _sizes(
    api: docker.APIClient, identifier: str, kinds: dict[str, int]
) -> tuple[dict[str, int], set[str]]:
    """Return the content bytes of the files among ``kinds``, and which paths are folders."""
    sizes: dict[str, int] = {}
    folders: set[str] = set()
    parents = {path.rpartition("/")[0] for path in kinds}
    whole: list[str] = []  # new folders with something in them: read as one archive
    for path in sorted(kinds):
        if kinds[path] == DELETED or any(path.startswith(f"{top}/") for top in whole):
            continue
        if kinds[path] == ADDED and path in parents:
            whole.append(path)
            continue
        stat = _stat(api, identifier, path)
        if stat is None:
            continue
        if stat["mode"] & FOLDER:
            folders.add(path)
        elif not stat["mode"] & NO_FILE:
            sizes[path] = stat["size"]
    for path in whole:
        for name, count in _files(api, identifier, path):
            if name in kinds:  # and not something mounted there
                sizes[name] = count
    return sizes, folders


def _stat(api: docker.APIClient, identifier: str, path: str) -> dict | None:
    address = api._url("/containers/{0}/archive", identifier)
    answer = api.head(address, params={"path": path}, timeout=api.timeout)
    if answer.status_code == 404:  # gone since it was listed
        return None
    answer.raise_for_status()
    return json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))


def _files(api: docker.APIClient, identifier: str, path: str) -> list[tuple[str, int]]:
    """Return the files of a folder in a container, with their content bytes."""
    try:
        chunks, _ = api.get_archive(identifier, path)
    except docker.errors.NotFound:
        return []
    above = path.rpartition("/")[0]
    with tarfile.open(fileobj=_Chunks(chunks), mode="r|") as archive:
        return [(f"{above}/{m.name}", m.size) for m in archive if m.isreg()]


class _Chunks(IO[bytes]):
    """A stream of blocks as the file that `tarfile` reads from."""

    def __init__(self, chunks: object) -> None:
        self._chunks = iter(chunks)  # type: ignore[call-overload]
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._rest += chunk
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def close(self) -> None:
        self._rest = b""
