"""What files of a build context hash to, kept from look to look so that none is read twice.

A file is known by its size, times, inode and mode: as long as these stay, so does its content. The
time of a change is only as fine as the kernel's clock, so a file that changed a moment before it
was read may change again without a trace; such a file is read again by the next look ("racy" in
git's words: https://git-scm.com/docs/racy-git).

The index of a folder is one file: all numbers in a row, then all texts. It is written whole under
another name and renamed; one that is damaged is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from array import array
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

from ..errors import NoSpace, NotWritable
from ..paths import home
from .listing import Entry, Stat

__all__ = ["Known", "columns", "content", "load", "place", "rows", "save", "settled"]

Known = dict[str, tuple[Stat, Entry]]
MAGIC = f"LBLctx1{sys.byteorder[0]}".encode()
LIMIT = 100_000_000  # bytes of all indexes together
TICK = 20_000_000  # nanoseconds: two of the slowest kernel's ticks
COARSE = 2_000_000_000  # … and a file system that counts in seconds
UNSETTLED: Stat = (-1, -1, -1, -1, -1)
_memory: dict[str, tuple[tuple[int, int], Known]] = {}  # what this process has loaded


def settled(state: Stat, now: int) -> bool:
    """Whether a file in this state, looked at at ``now``, cannot change without a trace."""
    changed = state[2]
    return changed < now - (TICK if changed % 1_000_000_000 else COARSE)


def content(path: str) -> str | None:
    """Return the SHA-256 of a file, in hex; None if it cannot be read or is no file any more."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        digest = hashlib.sha256()
        while part := os.read(handle, 1 << 20):
            digest.update(part)
        return digest.hexdigest()
    except OSError:
        return None
    finally:
        os.close(handle)


def place(folder: Path) -> Path | None:
    """Return the file of a folder's index; None where nothing can be kept."""
    with contextlib.suppress(NotWritable, NoSpace, OSError):
        name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:32]
        (home() / "contexts").mkdir(exist_ok=True)
        return home() / "contexts" / name
    return None


def load(path: Path | None) -> Known:
    """Return what is known; nothing if there is no index, or a damaged one."""
    if path is None:
        return {}
    try:
        found = path.stat()
        if (held := _memory.get(str(path))) and held[0] == (found.st_mtime_ns, found.st_ino):
            return held[1]
        numbers, texts = rows(path.read_bytes(), 5)
    except (OSError, ValueError):
        return {}
    sizes, _, _, _, modes = numbers
    half = len(sizes)
    made = map(Entry, ["file"] * half, [mode & 0o7777 for mode in modes], texts[half:], sizes)
    states = zip(*numbers, strict=True)
    known = dict(zip(texts[:half], zip(states, made, strict=True), strict=True))
    _hold(path, found, known)
    return known


def save(path: Path | None, known: Known, now: int) -> None:
    """Keep what is known, without a word if that is not possible."""
    if path is None:
        return
    for name, (state, entry) in known.items():
        if not settled(state, now):
            known[name] = (UNSETTLED, entry)
    numbers = zip(*(state for state, _ in known.values()), strict=True)
    data = columns(numbers, [*known, *(entry.digest for _, entry in known.values())])
    with contextlib.suppress(OSError):
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        _hold(path, path.stat(), known)
        _trim(path.parent)


def columns(numbers: Iterable[Iterable[int]], texts: Iterable[str]) -> bytes:
    """Pack columns of numbers, all of one length, and a list of texts."""
    flat = array("q")
    for column in numbers:
        flat.extend(column)
    body = b"\0".join(os.fsencode(text) for text in texts)
    head = len(flat).to_bytes(8, "little")
    rest = head + flat.tobytes() + body
    return MAGIC + crc32(rest).to_bytes(4, "little") + rest


def rows(data: bytes, count: int) -> tuple[list[list[int]], list[str]]:
    """Unpack ``count`` columns and the texts; ValueError if the data is damaged."""
    if data[:8] != MAGIC or int.from_bytes(data[8:12], "little") != crc32(data[12:]):
        raise ValueError("damaged")
    length = int.from_bytes(data[12:20], "little")
    flat = array("q")
    flat.frombytes(data[20 : 20 + 8 * length])
    each = length // count
    body = data[20 + 8 * length :]
    texts = os.fsdecode(body).split("\0") if body else []
    return [flat[n * each : (n + 1) * each].tolist() for n in range(count)], texts


def _hold(path: Path, found: os.stat_result, known: Known) -> None:
    _memory.pop(str(path), None)
    _memory[str(path)] = ((found.st_mtime_ns, found.st_ino), known)
    while len(_memory) > 4:
        del _memory[next(iter(_memory))]


def _trim(folder: Path) -> None:
    """Drop the indexes that were written longest ago until all fit."""
    with os.scandir(folder) as found:
        files = sorted((file.stat().st_mtime, file.stat().st_size, file.path) for file in found)
    total = sum(size for _, size, _ in files)
    for _, size, path in files:
        if total <= LIMIT:
            break
        Path(path).unlink(missing_ok=True)
        total -= size
