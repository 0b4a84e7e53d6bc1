"""Bytes from somewhere, read forward only: taken in small pieces, skipped in large ones."""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

CHUNK = 1 << 16
# What a zstd frame may ask to keep in memory; level 19 asks for 8 MB.
ZSTD_WINDOW = 1 << 27
# Content that a compressed layer may hold: 64 GiB. A bomb holds more.
MAX_UNPACKED = 1 << 36


class Broken(Exception):
    """What was read cannot be an image.

    Parameters
    ----------
    key: message key of the catalogue, for `BadArchive`.
    outer: True if the whole source ended, not just a blob inside it.
    """

    def __init__(self, key: str, *, outer: bool = False, **values: object) -> None:
        super().__init__(key)
        self.key, self.outer, self.values = key, outer, values


class Stream:
    """A source of bytes. Subclasses say how the next chunk is had."""

    def __init__(self) -> None:
        self.chunk = b""
        self.at = 0

    def fill(self) -> bytes:
        """Return the next chunk, ``b""`` at the end."""
        raise NotImplementedError

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes; fewer only at the end."""
        end = self.at + count
        if end <= len(self.chunk):
            piece = self.chunk[self.at : end]
            self.at = end
            return piece
        pieces = [self.chunk[self.at :]]
        missing = count - len(pieces[0])
        while missing > 0:
            self.chunk = self.fill()
            if not self.chunk:
                self.at = 0
                break
            pieces.append(self.chunk[:missing])
            self.at = len(pieces[-1])
            missing -= self.at
        return b"".join(pieces)

    def skip(self, count: int) -> int:
        """Pass over ``count`` bytes and return how many there were."""
        left = count - (len(self.chunk) - self.at)
        if left <= 0:
            self.at += count
            return count
        self.chunk, self.at = b"", 0
        left -= self.leap(left)
        while left > 0:
            self.chunk = self.fill()
            if not self.chunk:
                return count - left
            self.at = min(left, len(self.chunk))
            left -= self.at
        return count

    def leap(self, count: int) -> int:
        """Pass over up to ``count`` bytes faster than by reading them; return how many."""
        return 0

    def unread(self, data: bytes) -> None:
        """Put back what was taken last."""
        self.chunk = data + self.chunk[self.at :]
        self.at = 0


class Pieces(Stream):
    """A stream over an iterator of byte strings."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces

    def fill(self) -> bytes:
        for piece in self._pieces:
            if piece:
                return piece
        return b""


class Mapped(Stream):
    """A stream over bytes that lie in memory or in a mapped file: skipping costs nothing.

    What was passed is given back to the system now and then, or a file of 1 GB would count as
    500 MB of memory.
    """

    KEPT = 1 << 23

    def __init__(self, data, start: int = 0, end: int | None = None) -> None:
        super().__init__()
        self.chunk, self.at, self._kept = data, start, start
        self.end = len(data) if end is None else min(end, len(data))
        if not hasattr(data, "madvise"):
            self._kept = self.end

    def take(self, count: int) -> bytes:
        start = self.at
        self.at = min(start + count, self.end)
        if start - self._kept > self.KEPT:
            begin = self._kept - self._kept % mmap.PAGESIZE
            self.chunk.madvise(mmap.MADV_DONTNEED, begin, start - begin)
            self._kept = start
        return self.chunk[start : self.at]

    def skip(self, count: int) -> int:
        start = self.at
        self.at = min(start + count, self.end)
        return self.at - start

    def unread(self, data: bytes) -> None:
        self.at -= len(data)


def mapped(path: Path) -> Mapped:
    """Return a stream over the file ``path``."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return Mapped(b"")
        return Mapped(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


class Window:
    """The next ``size`` bytes of a stream, as a stream: a member of an archive."""

    def __init__(self, parent: Stream, size: int) -> None:
        self.parent, self.left = parent, size

    def take(self, count: int) -> bytes:
        count = min(count, self.left)
        piece = self.parent.take(count)
        self.left -= count
        if len(piece) < count:
            raise Broken("images.truncated", outer=True)
        return piece

    def skip(self, count: int) -> int:
        count = min(count, self.left)
        self.left -= count
        if self.parent.skip(count) < count:
            raise Broken("images.truncated", outer=True)
        return count

    def unread(self, data: bytes) -> None:
        self.left += len(data)
        self.parent.unread(data)


class Unpacked(Stream):
    """What a compressed file holds, a bounded piece at a time, and not without end."""

    room = MAX_UNPACKED

    def fill(self) -> bytes:
        piece = self.piece()
        self.room -= len(piece)
        if self.room < 0:
            raise Broken("images.absurd", size=MAX_UNPACKED)
        return piece

    def piece(self) -> bytes:
        """Return the next piece, ``b""`` at the end."""
        raise NotImplementedError


class Gunzipped(Unpacked):
    """What a gzip file holds (one member or several)."""

    def __init__(self, source) -> None:
        super().__init__()
        self._source, self._machine, self._input = source, zlib.decompressobj(31), b""
        self._begun = False

    def piece(self) -> bytes:
        while True:
            if not self._input:
                self._input = self._source.take(CHUNK)
                if not self._input:
                    if self._begun and not self._machine.eof:
                        raise Broken("images.truncated")
                    return b""
            if self._machine.eof:
                if not self._input.strip(b"\0"):  # padding after the last member
                    self._input = b""
                    continue
                self._machine = zlib.decompressobj(31)
            self._begun = True
            try:
                piece = self._machine.decompress(self._input, 4 * CHUNK)
            except zlib.error as error:
                raise Broken("images.corrupt", reason=error) from None
            done = self._machine.eof
            self._input = self._machine.unused_data if done else self._machine.unconsumed_tail
            if piece:
                return piece


class Unzstd(Unpacked):
    """What a zstd file holds (one frame or several)."""

    def __init__(self, source) -> None:
        super().__init__()
        machine = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._reader = machine.stream_reader(_Readable(source), CHUNK, read_across_frames=True)

    def piece(self) -> bytes:
        try:
            return self._reader.read(4 * CHUNK)
        except zstandard.ZstdError as error:
            raise Broken("images.corrupt", reason=error) from None


class _Readable:
    """A stream with the method name that libraries want."""

    def __init__(self, source) -> None:
        self._source = source

    def read(self, count: int = CHUNK) -> bytes:
        return self._source.take(count if count > 0 else CHUNK)


def unpacked(source, head: bytes):
    """Return ``source`` decompressed as its first bytes, ``head``, tell."""
    if head.startswith(b"\x1f\x8b"):
        return Gunzipped(source)
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return Unzstd(source)
    return source
