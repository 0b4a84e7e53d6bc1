"""What an archive of images holds: documents and layers, from a stream, a file or a folder.

A `docker save` stream may name its layers only after it has sent them. So a stream is read once,
in whatever order it comes, and of each layer the entries are kept, never the content.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from .columns import FILE, SYMLINK, Columns, Entries
from .streams import Broken, Mapped, Stream, Window, mapped, unpacked
from .tar import BLOCK_SIZE, Header, headers, looks_like_tar, scan

MAX_DOCUMENT = 8 << 20  # bytes of a manifest or config; the engine refuses more than 4 MB
MAX_DOCUMENTS = 64 << 20  # bytes of all of them
MAX_MEMBERS = 200_000  # members of the archive itself: a few for each layer
MAX_ENTRIES = 4_000_000  # entries of all layers together
_DIGEST = re.compile(r"(sha256|sha512):([0-9a-f]{64,128})")
_BLOB = re.compile(r"blobs/(sha256|sha512)/([0-9a-f]{64,128})")


def blob(digest: str) -> str:
    """Return the path of a blob of an OCI layout."""
    if not (found := _DIGEST.fullmatch(digest)):
        raise Broken("images.corrupt", reason=f"digest {digest[:80]!r}")
    return f"blobs/{found[1]}/{found[2]}"


class Store:
    """The documents and layers of an archive, by path. Subclasses fetch them."""

    def document(self, path: str) -> bytes | None:
        """Return a JSON document, None if there is no such path."""
        raise NotImplementedError

    def layer(self, path: str) -> Entries | None:
        """Return the entries of a layer, None if there is no such path.

        Raises
        ------
        Broken: what is there cannot be a layer.
        """
        raise NotImplementedError

    def has(self, path: str) -> bool:
        """Whether the archive holds ``path``."""
        raise NotImplementedError


class Streamed(Store):
    """An archive that is read once from front to back.

    Parameters
    ----------
    stream: the archive, decompressed.
    known: returns the entries of a layer that need not be read, by its path; else None.

    ``cut`` tells whether the archive's end marker was missing.
    """

    def __init__(self, stream: Stream, known: Callable[[str], Entries | None]) -> None:
        self._documents: dict[str, bytes] = {}
        self._layers: dict[str, Entries | Broken] = {}
        self._links: dict[str, str] = {}
        self._room = MAX_DOCUMENTS
        self._entries = 0
        for number, (name, kind, stored, *_, target) in enumerate(_members(stream)):
            path = name.decode("utf-8", "surrogateescape")
            if number == MAX_MEMBERS:
                raise Broken("images.too_many", limit=MAX_MEMBERS, outer=True)
            if kind == SYMLINK:  # how old engines say that two images share a layer
                self._links[path] = _goal(path, target)
            window = Window(stream, stored)
            if kind == FILE:
                self._member(path, window, known)
            window.skip(window.left)
            stream.skip(-stored % BLOCK_SIZE)
        # Two empty blocks end a tar, of which one is read by now.
        self.cut = not stream.take(BLOCK_SIZE)

    def _member(self, path: str, window: Window, known: Callable) -> None:
        if (entries := known(path)) is not None:
            self._layers[path] = entries
            return
        head = window.take(BLOCK_SIZE)
        window.unread(head)
        try:
            if head.lstrip()[:1] in (b"{", b"[") and not looks_like_tar(head):
                if window.left <= min(MAX_DOCUMENT, self._room):
                    self._documents[path] = window.take(window.left)
                    self._room -= len(self._documents[path])
            else:
                self._layers[path] = entries = read_layer(window, head)
                self._entries += len(entries)
                if self._entries > MAX_ENTRIES:
                    raise Broken("images.too_many", limit=MAX_ENTRIES, outer=True)
        except Broken as broken:
            if broken.outer:
                raise
            self._layers[path] = broken  # matters only if an image needs it

    def document(self, path: str) -> bytes | None:
        return verified(path, self._documents.get(self._real(path)))

    def layer(self, path: str) -> Entries | None:
        found = self._layers.get(self._real(path))
        if isinstance(found, Broken):
            raise found
        return found

    def has(self, path: str) -> bool:
        real = self._real(path)
        return real in self._documents or real in self._layers

    def _real(self, path: str) -> str:
        return self._links.get(path, path)


class OnDisk(Store):
    """An uncompressed archive in a file: an index of its members first, then only what is asked."""

    def __init__(self, path: Path) -> None:
        self._map = mapped(path)
        self._members: dict[str, tuple[int, int]] = {}
        self._links: dict[str, str] = {}
        for number, (name, kind, stored, *_, target) in enumerate(_members(self._map)):
            inside = name.decode("utf-8", "surrogateescape")
            if number == MAX_MEMBERS:
                raise Broken("images.too_many", limit=MAX_MEMBERS)
            if kind == SYMLINK:
                self._links[inside] = _goal(inside, target)
            elif kind == FILE:
                self._members[inside] = (self._map.at, stored)
            if self._map.skip(stored) < stored:
                raise Broken("images.truncated", outer=True)
            self._map.skip(-stored % BLOCK_SIZE)

    def _open(self, path: str) -> tuple[Mapped, int] | None:
        place = self._members.get(self._links.get(path, path))
        if place is None:
            return None
        return Mapped(self._map.chunk, place[0], sum(place)), place[1]

    def document(self, path: str) -> bytes | None:
        found = self._open(path)
        if found is None or found[1] > MAX_DOCUMENT:
            return None
        return verified(path, found[0].take(found[1]))

    def layer(self, path: str) -> Entries | None:
        return _read(found[0]) if (found := self._open(path)) else None

    def has(self, path: str) -> bool:
        return self._links.get(path, path) in self._members


class Folder(Store):
    """An OCI layout folder, or the unpacked folder of an archive."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def _file(self, path: str) -> Path | None:
        file = (self._folder / path).resolve()
        return file if file.is_file() and self._folder in file.parents else None

    def document(self, path: str) -> bytes | None:
        file = self._file(path)
        if file is None or file.stat().st_size > MAX_DOCUMENT:
            return None
        return verified(path, file.read_bytes())

    def layer(self, path: str) -> Entries | None:
        return _read(mapped(file)) if (file := self._file(path)) else None

    def has(self, path: str) -> bool:
        return self._file(path) is not None


def _members(stream) -> Iterator[Header]:
    """The members of the archive itself: where they break off, the whole archive does."""
    try:
        yield from headers(stream)
    except Broken as broken:
        broken.outer = True
        raise


def _goal(path: str, target: bytes) -> str:
    """Where a symbolic link inside the archive leads."""
    way = target.decode("utf-8", "surrogateescape")
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), way))


def _read(stream: Mapped) -> Entries:
    head = stream.take(BLOCK_SIZE)
    stream.unread(head)
    return read_layer(stream, head)


def read_layer(stream, head: bytes) -> Entries:
    """Return the entries of the layer in ``stream``, compressed or not, which begins with ``head``.

    A compressed layer is read to its end, so that its checksum proves it whole.
    """
    if not head:
        return Entries.over(Columns())
    if not looks_like_tar(head):
        plain = unpacked(stream, head)
        if plain is stream:
            raise Broken("images.not_a_layer")
        entries = Entries.over(scan(plain))
        _drain(plain)
        return entries
    return Entries.over(scan(stream))


def _drain(stream: Stream, limit: int = 1 << 30) -> None:
    """Read what follows a tar's end; more than ``limit`` is not padding but a bomb."""
    if stream.skip(limit) == limit:
        raise Broken("images.absurd", size=limit)


def verified(path: str, document: bytes | None) -> bytes | None:
    """Return ``document`` if it is what the digest in ``path`` promises."""
    found = _BLOB.fullmatch(path)
    if document is None or found is None:
        return document
    if hashlib.new(found[1], document).hexdigest() != found[2]:
        raise Broken("images.corrupt", reason=path)
    return document
