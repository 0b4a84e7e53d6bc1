"""One more layer for an image: what its files became in a container, against what they were.

Times are no difference: a file that was written again with the same content is in no layer. So the
layer that comes out has the same bytes at each making, in every image store.
"""

from __future__ import annotations

import hashlib
import tarfile
from typing import IO, BinaryIO

from .archive import EPOCH, LayerWriter
from .below import Below
from .exported import MADE, normalise

__all__ = ["difference"]

Signature = tuple[object, ...]  # what makes an entry another one


def difference(below: Below, exported: IO[bytes], file: BinaryIO, newest: int) -> int:
    """Write the layer that turns an image of one layer into a container's file system.

    Parameters
    ----------
    exported: the container's file system as `docker export` gives it, a tar stream.
    newest: as for `helpers.bases.exported.normalise`.

    Returns
    -------
    The number of entries written; folders that only lead to others are counted too.
    """
    ((_, _, layer),) = below.layers
    layer.seek(0)
    with tarfile.open(fileobj=layer) as archive:
        before = {m.name: _signature(m, _content(archive, m)) for m in archive}
    seen = set()
    with LayerWriter(file) as tar, tarfile.open(fileobj=exported, mode="r|") as archive:
        writing = _Writing(tar, newest)
        for member in archive:
            member.name = member.name.removeprefix("./").rstrip("/")
            if member.name in ("", ".") or MADE.match(member.name):
                continue
            content = _content(archive, member)
            seen.add(member.name)
            if before.get(member.name) == _signature(member, content):
                writing.unchanged(member)
            else:
                writing.add(member, content)
        gone = before.keys() - seen
        for name in sorted(gone):
            if name.rpartition("/")[0] not in gone:
                writing.remove(name)
    return writing.count


class _Writing:
    """Writes entries, each after the folders that lead to it."""

    def __init__(self, tar: LayerWriter, newest: int) -> None:
        self.count = 0
        self._tar, self._newest = tar, newest
        self._folders: dict[str, tarfile.TarInfo] = {}  # unchanged, and nothing in them written yet

    def unchanged(self, member: tarfile.TarInfo) -> None:
        if member.isdir():
            self._folders[member.name] = member

    def add(self, member: tarfile.TarInfo, content: bytes) -> None:
        if folder := self._folders.pop(member.name.rpartition("/")[0], None):
            self.add(folder, b"")
        normalise(member, self._newest)
        self._tar.member(member, content)
        self.count += 1

    def remove(self, name: str) -> None:
        """Write a whiteout (https://github.com/opencontainers/image-spec/blob/main/layer.md)."""
        above, _, last = name.rpartition("/")
        mark = tarfile.TarInfo(f"{above}/.wh.{last}" if above else f".wh.{last}")
        mark.mtime = EPOCH
        self.add(mark, b"")


def _signature(member: tarfile.TarInfo, content: bytes) -> Signature:
    extra = tuple(sorted(pair for pair in member.pax_headers.items() if "xattr" in pair[0]))
    mode = 0 if member.issym() else member.mode & 0o7777
    link = member.linkname.removeprefix("./") if member.islnk() else member.linkname
    digest = hashlib.sha256(content).digest()
    return (member.type, mode, member.uid, member.gid, link, digest, extra)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    body = archive.extractfile(member) if member.isfile() else None
    return body.read() if body else b""
