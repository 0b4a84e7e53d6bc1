"""Layers of base images kept in the course's folder, so that the next engine need not make them.

To install packages takes a container and most of a minute; to read the layer that came of it takes
a second. A layer is kept without the salt, compressed, under a name that holds a hash of all that
it was made from: a package that Debian renews, or a recipe that changes, leads to another file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard
from filelock import FileLock

from ..paths import home, writable
from .archive import BLOCK, room

__all__ = ["Kept", "folder"]

HEADER = 18  # bytes; the largest that a frame's header can be (RFC 8878, 3.1.1.1)
LEVEL = 3  # of zstd: a third of the size for half a second


def folder() -> Path:
    """Return where layers are kept, and what is made on the way."""
    return writable(home() / "bases")


class Kept:
    """A layer that may have been made before.

    Parameters
    ----------
    name: of what it is: ``debian-amd64``. One layer of a name is kept, the newest.
    *parts: all that it is made from, as text or bytes.
    """

    def __init__(self, name: str, *parts: str | bytes) -> None:
        found = hashlib.sha256()
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            found.update(len(data).to_bytes(8, "big") + data)
        self.name = name
        self.path = folder() / f"{name}-{found.hexdigest()[:32]}.tar.zst"

    @property
    def there(self) -> bool:
        return self.path.exists()

    @contextlib.contextmanager
    def open(self, make: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
        """Yield the layer's tar in a file of its own, at its start; ``make`` writes it if need be.

        While one process makes a layer, others that want the same one wait for it. A kept file
        that is damaged (zstd's checksum tells) or cut off is made anew.

        Raises
        ------
        NoSpace: the disk is full; nothing is kept then. And whatever ``make`` raises.
        """
        place = self.path.parent
        with room(place), tempfile.TemporaryFile(dir=place) as file:
            with FileLock(place / f"{self.name}.lock"):
                if not (self.there and _read(self.path, file)):
                    file.seek(0)
                    file.truncate()
                    make(file)
                    self._keep(file)
            file.seek(0)
            yield file

    def _keep(self, file: BinaryIO) -> None:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        part = self.path.with_suffix(".part")
        try:
            with part.open("wb") as target:
                coder = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
                coder.copy_stream(file, target, size, read_size=BLOCK)
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)
        for older in self.path.parent.glob(f"{self.name}-*.tar.zst"):
            if older != self.path:
                older.unlink(missing_ok=True)


def _read(path: Path, file: BinaryIO) -> bool:
    try:
        with path.open("rb") as source:
            size = zstandard.get_frame_parameters(source.read(HEADER)).content_size
            source.seek(0)
            _, written = zstandard.ZstdDecompressor().copy_stream(source, file, write_size=BLOCK)
            if written == size:  # at the end of a file that was cut off zstd finds no fault
                return True
    except zstandard.ZstdError:
        pass
    path.unlink(missing_ok=True)
    return False
