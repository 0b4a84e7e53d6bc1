"""What every layer does to the file tree, as columns: one row for a change, one path stored once.

50,000 files are about 4 MB in a few binary columns, made in a fraction of a second; as one JSON
object for each file and layer they would be ten times that. The browser works out every view (one
layer, all up to a layer, filtered) from these columns, so that picking a layer asks no kernel.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .. import images
from ..images import Entry, Image

LIMIT = 400_000  # rows; a browser gets slow beyond
ADDED, CHANGED, REMOVED = range(3)
KINDS = ("file", "dir", "symlink", "hardlink", "char", "block", "fifo")
NONE = 0xFFFFFFFF


class Row(NamedTuple):
    """One change of one layer. ``before`` is the size of what was replaced."""

    layer: int
    change: int
    entry: Entry
    before: int


def table(image: Image, limit: int = LIMIT) -> dict[str, object]:
    """Return the columns that the explorer sends to the browser.

    Returns
    -------
    A dict: ``paths`` and ``notes`` (UTF-8, a NUL after each), ``sizes`` and ``before`` (float64),
    ``path`` and ``link`` (uint32, positions in ``paths``), ``layer`` (uint16), ``change`` and
    ``kind`` (uint8), one item a row, sorted by layer and then by path; ``left_out``: how many rows
    a huge image had beyond ``limit``.

    ``paths`` are sorted folder by folder: what lies in a folder follows it. They are *shown* paths:
    a character that has no shape (a control character, half a surrogate) is written ``\\xNN``.
    """
    rows = list(_rows(image))
    left_out = max(0, len(rows) - limit)
    rows = rows[:limit]
    paths = sorted({row.entry.path for row in rows}, key=lambda path: path.split("/"))
    places = {path: place for place, path in enumerate(paths)}
    rows.sort(key=lambda row: (row.layer, places[row.entry.path]))
    links = (
        places.get(row.entry.target, NONE) if row.entry.kind == "hardlink" else NONE for row in rows
    )
    return {
        "paths": _strings(paths),
        "notes": _strings(row.entry.target for row in rows),
        "path": array("I", (places[row.entry.path] for row in rows)).tobytes(),
        "link": array("I", links).tobytes(),
        "sizes": array("d", (row.entry.size for row in rows)).tobytes(),
        "before": array("d", (row.before for row in rows)).tobytes(),
        "layer": array("H", (row.layer for row in rows)).tobytes(),
        "change": bytes(row.change for row in rows),
        "kind": bytes(KINDS.index(row.entry.kind) for row in rows),
        "left_out": left_out,
    }


def _rows(image: Image) -> Iterator[Row]:
    for found in images.changes(image):
        for entry in found.removed:
            yield Row(found.number, REMOVED, entry, entry.size)
        for entry in found.added:
            yield Row(found.number, ADDED, entry, 0)
        for entry, old in zip(found.changed, found.before, strict=True):
            yield Row(found.number, CHANGED, entry, old.size)


def _strings(values: Iterable[str]) -> bytes:
    return "".join(shown(value) + "\0" for value in values).encode()


def shown(path: str) -> str:
    """Return a path in which every character can be seen; different paths stay different."""
    if path.isprintable() and path.isascii():
        return path
    return "".join(
        c if unicodedata.category(c)[0] not in "CZ" or c in " \u3000" else _code(c) for c in path
    )


def _code(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{code & 0xFF:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
