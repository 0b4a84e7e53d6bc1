"""Where an HTTP/1.1 message begins and ends on a connection (RFC 9112), and no more of HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Head", "Reader", "request_head", "response_head"]

LONGEST_HEAD = 1 << 16  # bytes; Go's server takes at most 1 MB, what Docker sends has under 4 kB
BLOCK = 1 << 16


class Source(Protocol):
    """What bytes are read from: a socket, in the end."""

    def recv(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Head:
    """The first lines of a message.

    Parameters
    ----------
    raw: as they came, with the empty line at the end.
    first: the three words of the first line.
    fields: the header fields, names in lower case.
    """

    raw: bytes
    first: tuple[str, str, str]
    fields: dict[str, str]

    @property
    def upgrade(self) -> bool:
        """Whether the connection is to become something else than HTTP."""
        return "upgrade" in self.fields

    @property
    def chunked(self) -> bool:
        return "chunked" in self.fields.get("transfer-encoding", "").lower()

    @property
    def length(self) -> int | None:
        value = self.fields.get("content-length", "")
        return int(value) if value.isdigit() else None


class Reader:
    """Reads heads and bodies from a connection; what was read too far stays for the next call."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.held = b""

    def head(self) -> bytes:
        """Return the bytes up to and with the empty line; nothing if the other side has closed."""
        while b"\r\n\r\n" not in self.held:
            if len(self.held) > LONGEST_HEAD or not self._more():
                return b""
        raw, _, self.held = self.held.partition(b"\r\n\r\n")
        return raw + b"\r\n\r\n"

    def body(self, head: Head, *, until_closed: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """Yield a body piece by piece: the bytes as they came, and those that are content.

        Parameters
        ----------
        until_closed: whether a body that announces no length ends with the connection; so does an
            answer's, and a request without a length has no body.
        """
        if head.chunked:
            yield from self._chunks()
        elif head.length is not None:
            left = head.length
            while left and (piece := self._piece(left)):
                left -= len(piece)
                yield piece, piece
        elif until_closed:
            while piece := self.rest():
                yield piece, piece

    def rest(self) -> bytes:
        """Return what comes next, whatever it is; nothing at the end."""
        if self.held:
            piece, self.held = self.held, b""
            return piece
        return self.source.recv(BLOCK)

    def _chunks(self) -> Iterator[tuple[bytes, bytes]]:
        while True:
            line = self._line()
            size = int(line.split(b";")[0].strip() or b"0", 16)
            yield line, b""
            if not size:
                break
            left = size
            while left and (piece := self._piece(left)):
                left -= len(piece)
                yield piece, piece
            yield self._line(), b""
        while (line := self._line()) not in (b"", b"\r\n"):  # trailers
            yield line, b""
        yield line, b""

    def _line(self) -> bytes:
        while b"\n" not in self.held:
            if not self._more():
                break
        line, end, self.held = self.held.partition(b"\n")
        return line + end

    def _piece(self, most: int) -> bytes:
        if not self.held and not self._more():
            return b""
        piece, self.held = self.held[:most], self.held[most:]
        return piece

    def _more(self) -> bool:
        block = self.source.recv(BLOCK)
        self.held += block
        return bool(block)


def request_head(raw: bytes) -> Head:
    """Return a request's head; ``first`` is method, target, version."""
    return _head(raw)


def response_head(raw: bytes) -> Head:
    """Return an answer's head; ``first`` is version, status, reason."""
    return _head(raw)


def _head(raw: bytes) -> Head:
    lines = raw.decode("latin-1").split("\r\n")
    words = [*lines[0].split(" ", 2), "", "", ""][:3]
    fields: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields[name.strip().lower()] = value.strip()
    return Head(raw, (words[0], words[1], words[2]), fields)
