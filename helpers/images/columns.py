"""The entries of a layer as columns: 40,000 of them cost 3 MB, not 40, and load in milliseconds."""

from __future__ import annotations

import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

from .model import KINDS, Entry

CODES = {kind: code for code, kind in enumerate(KINDS)}
FILE, DIR, SYMLINK, HARDLINK, CHAR, BLOCK, FIFO, WHITEOUT, OPAQUE = range(len(KINDS))
# One typed array for each number of an entry, and its item type.
NUMBERS = (("sizes", "q"), ("modes", "H"), ("uids", "q"), ("gids", "q"), ("mtimes", "q"))
WITH_TARGET = frozenset((SYMLINK, HARDLINK, CHAR, BLOCK))


class Columns:
    """The columns of a layer that is being read: ``add`` only."""

    __slots__ = ("gids", "kinds", "modes", "mtimes", "names", "sizes", "targets", "total", "uids")

    def __init__(self) -> None:
        self.kinds = bytearray()
        self.names = bytearray()  # each path ends with a NUL, which no path can hold
        self.targets = bytearray()  # likewise, only for the kinds in WITH_TARGET
        self.total = 0
        for name, code in NUMBERS:
            setattr(self, name, array(code))

    def add(
        self, path: bytes, kind: int, size: int, mode: int, uid: int, gid: int, mtime: int,
        target: bytes = b"",
    ) -> None:  # fmt: skip
        self.names += path + b"\0"
        self.kinds.append(kind)
        self.sizes.append(size)
        self.modes.append(mode)
        self.uids.append(uid)
        self.gids.append(gid)
        self.mtimes.append(mtime)
        self.total += size
        if kind in WITH_TARGET:
            self.targets += target + b"\0"

    def __len__(self) -> int:
        return len(self.kinds)

    def pack(self) -> bytes:
        """Return the columns as bytes: little endian, one after the other."""
        return pack(self)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Columns:
        """Return the columns of ready-made entries."""
        made = cls()
        for entry in entries:
            made.add(
                _bytes(entry.path), CODES[entry.kind], entry.size, entry.mode, entry.uid,
                entry.gid, entry.mtime, _bytes(entry.target),
            )  # fmt: skip
        return made


def pack(columns: Columns | Unpacked) -> bytes:
    """Return columns as bytes: kinds, the numbers, the paths, the targets."""
    parts = [bytes(columns.kinds)]
    for name, _ in NUMBERS:
        numbers = getattr(columns, name)
        if sys.byteorder == "big":
            numbers = array(numbers.typecode, numbers)
            numbers.byteswap()
        parts.append(numbers.tobytes())
    return b"".join((*parts, len(columns.names).to_bytes(8, "little"), columns.names,
                     columns.targets))  # fmt: skip


class Unpacked:
    """Columns read back from bytes.

    Raises
    ------
    ValueError: the bytes are not columns of ``count`` entries.
    """

    def __init__(self, data: bytes, count: int) -> None:
        self.kinds = data[:count]
        at = count
        for name, code in NUMBERS:
            numbers = array(code)
            end = at + numbers.itemsize * count
            numbers.frombytes(data[at:end])
            if len(numbers) != count:
                raise ValueError("columns are cut short")
            if sys.byteorder == "big":
                numbers.byteswap()
            setattr(self, name, numbers)
            at = end
        length = int.from_bytes(data[at : at + 8], "little")
        self.names = data[at + 8 : at + 8 + length]
        self.targets = data[at + 8 + length :]
        if self.names.count(b"\0") != count or max(self.kinds, default=0) >= len(KINDS):
            raise ValueError("columns do not fit together")


class Entries(Sequence[Entry]):
    """A layer's entries, made out of columns one by one as they are asked for.

    Parameters
    ----------
    load: returns the columns; called at most once, when something needs them.
    count: number of entries.
    size: content bytes.
    counts: number of entries of each kind.
    """

    def __init__(self, load, count: int, size: int, counts: Mapping[str, int]) -> None:
        self._load = load
        self._count = count
        self.size = size
        self.counts = dict(counts)

    @classmethod
    def over(cls, columns: Columns) -> Entries:
        counts = {KINDS[code]: n for code, n in sorted(Counter(columns.kinds).items())}
        return cls(lambda: columns, len(columns.kinds), columns.total, counts)

    @cached_property
    def columns(self) -> Columns | Unpacked:
        return self._load()

    @cached_property
    def paths(self) -> list[str]:
        """Every path, in the order of the tar."""
        return _split(self.columns.names)

    @cached_property
    def targets(self) -> dict[int, str]:
        """The target of each link and device, by the position of its entry."""
        kinds = self.columns.kinds
        holders = (i for i, kind in enumerate(kinds) if kind in WITH_TARGET)
        return dict(zip(holders, _split(self.columns.targets), strict=True))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Entry]: ...

    def __getitem__(self, index):
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self._count)))
        i = range(self._count)[index]
        c = self.columns
        return Entry(
            self.paths[i], KINDS[c.kinds[i]], c.sizes[i], c.modes[i], c.uids[i], c.gids[i],
            c.mtimes[i], self.targets.get(i, ""),
        )  # fmt: skip

    def __iter__(self) -> Iterator[Entry]:
        c, targets = self.columns, self.targets
        rows = zip(self.paths, c.kinds, c.sizes, c.modes, c.uids, c.gids, c.mtimes, strict=True)
        for i, (path, kind, *numbers) in enumerate(rows):
            yield Entry(path, KINDS[kind], *numbers, targets.get(i, ""))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Entries):
            return len(self) == len(other) and pack(self.columns) == pack(other.columns)
        return NotImplemented

    __hash__ = None

    def __repr__(self) -> str:
        return f"<{self._count} entries>"


def entries_of(layer) -> Entries:
    """Return the entries of ``layer`` as columns, also if they were given as a plain sequence."""
    if isinstance(layer.entries, Entries):
        return layer.entries
    return Entries.over(Columns.of(layer.entries))


def _split(blob: bytes) -> list[str]:
    return bytes(blob[:-1]).decode("utf-8", "surrogateescape").split("\0") if blob else []


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")
