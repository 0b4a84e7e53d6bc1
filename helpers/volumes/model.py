"""What the readers of this package return: volumes, files in them, and what is mounted where."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..messages import text
from ..text import plain, size

__all__ = ["ANONYMOUS", "BIND", "NAMED", "TMPFS", "File", "Mount", "Mounts", "Volume"]

NAMED, ANONYMOUS, BIND, TMPFS = "volume", "anonymous", "bind", "tmpfs"
SHOWN = 12  # files that are listed


@dataclass(frozen=True)
class File:
    """Something that lies in a volume.

    Fields
    ------
    path: from the volume's root, without a leading slash; untrusted text.
    kind: ``"file"``, ``"dir"``, ``"link"`` or ``"other"``.
    size: content bytes.
    uid, gid: who owns it, as numbers: names belong to an image.
    mode: permission bits.
    """

    path: str
    kind: str
    size: int
    uid: int
    gid: int
    mode: int


@dataclass(frozen=True)
class Volume:
    """A volume as it was when the call returned.

    Fields
    ------
    name: untrusted text.
    driver: ``"local"`` unless somebody installed another one.
    place: the folder below the engine's data root, for example ``volumes/lbl-04-notes/_data``;
        empty if the driver keeps the data elsewhere.
    memory: whether the data are held in memory only (a volume of the type tmpfs).
    limit: how many bytes it can hold, None if there is no limit of its own.
    users: names of the containers that it is mounted in, sorted.
    uid, gid: who owns its root folder.
    files: what lies in it, sorted by path; folders too.
    cut: whether there is more than was read.
    """

    name: str
    driver: str
    place: str
    memory: bool
    limit: int | None
    users: tuple[str, ...] = ()
    uid: int = 0
    gid: int = 0
    files: tuple[File, ...] = field(default=(), repr=False)
    cut: bool = field(default=False, repr=False)

    @property
    def size(self) -> int:
        """Content bytes of the files that were read."""
        return sum(file.size for file in self.files)

    def __str__(self) -> str:
        key = "in_memory" if self.memory else "on_disk" if self.place else "elsewhere"
        where = text(f"volumes.{key}", place=self.place, driver=self.driver)
        lines = [text("volumes.volume", name=self.name, where=where)]
        if self.limit is not None:
            lines.append("  " + text("volumes.limit", limit=size(self.limit)))
        used = ", ".join(map(plain, self.users))
        lines.append("  " + text("volumes.used_by" if used else "volumes.unused", names=used))
        lines.append("  " + text("volumes.owner", uid=self.uid, gid=self.gid))
        listed = [file for file in self.files if file.kind != "dir"]
        for file in listed[:SHOWN]:
            lines.append("  " + _line(file))
        if len(listed) > SHOWN or self.cut:
            lines.append("  " + text("volumes.more"))
        if not listed:
            lines.append("  " + text("volumes.empty"))
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def _line(file: File) -> str:
    path = " ".join(plain(file.path).split())
    return text("volumes.file", path=path, size=size(file.size), uid=file.uid, gid=file.gid)


@dataclass(frozen=True)
class Mount:
    """A place in a container that is not part of its layers.

    Fields
    ------
    kind: ``"volume"``, ``"anonymous"``, ``"bind"`` or ``"tmpfs"``.
    source: the volume's name, or the path on the engine's host; empty for tmpfs. Untrusted text.
    target: the path in the container; untrusted text.
    read_only: whether the container may only read there.
    """

    kind: str
    source: str
    target: str
    read_only: bool


@dataclass(frozen=True)
class Mounts:
    """What is mounted into one container, sorted by target."""

    container: str
    mounts: tuple[Mount, ...]

    def __str__(self) -> str:
        lines = [text("volumes.mounts.title", name=self.container)]
        rows = [_row(mount) for mount in self.mounts]
        width = max((len(target) for target, _, _ in rows), default=0)
        lines += [f"  {target:<{width}}  {kind}{mode}" for target, kind, mode in rows]
        return "\n".join(lines if rows else [*lines, f"  {text('volumes.mounts.none')}"])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def _row(mount: Mount) -> tuple[str, str, str]:
    # A path of the host and an invented name are others on each machine, so they are not shown.
    kind = text(f"volumes.mounts.{mount.kind}", name=mount.source)
    mode = text("volumes.mounts.read_only") if mount.read_only else ""
    return plain(mount.target), kind, mode
