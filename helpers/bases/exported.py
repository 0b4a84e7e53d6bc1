"""A container's file system as the daemon exports it, made fit for a layer."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterable

from .archive import EPOCH

__all__ = ["MADE", "Chunks", "normalise"]

# The engine's own, or the making's: no part of an image.
MADE = re.compile(r"\.dockerenv$|(dev|proc|sys)/.|etc/(hostname|hosts|resolv\.conf|mtab)$")


def normalise(member: tarfile.TarInfo, newest: int) -> None:
    """Take out of an entry what differs from one making to the next.

    Parameters
    ----------
    newest: the latest time that a file may have, seconds since 1970; what is younger was made in
        the container and gets the time `EPOCH`.
    """
    member.mtime = int(member.mtime) if int(member.mtime) <= newest else EPOCH
    member.uname = member.gname = ""
    member.pax_headers = {key: value for key, value in member.pax_headers.items() if "xattr" in key}


class Chunks(io.RawIOBase):
    """Blocks from the daemon as the file that `tarfile` reads."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [], size
        while wanted and (self._rest or self._more()):
            part = self._rest[:wanted]
            self._rest = self._rest[len(part) :]
            wanted -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _more(self) -> bool:
        self._rest = memoryview(next(self._chunks, b""))
        return bool(self._rest)
