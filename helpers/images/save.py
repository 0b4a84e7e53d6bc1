"""The `docker save` stream over a socket of our own.

The SDK gives up when 60 s pass without a byte, and a large image on overlay2 takes longer before
the first one; it also copies every byte through Python. Here the content of large files goes from
the socket to nowhere inside the kernel (`os.splice`), and a silent daemon is asked whether it still
lives, so that a long wait is allowed and an endless one is not.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import time
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode, urlsplit

import orjson

from ..engine import talking
from ..errors import EngineFailed, EngineLost, NotFound
from .streams import Pieces, Stream

PIECE = 1 << 18
SPLICED = 1 << 17  # from this many bytes on, two system calls more are worth it
SILENCE = 1800.0  # seconds without a byte, with a daemon that lives, until it is given up
ASK = 10.0  # seconds of silence after which a daemon is asked whether it lives, and to answer
ASKED = 3  # times that it may fail to answer


class Wire(Stream):
    """The body of an HTTP response, read from a socket.

    Parameters
    ----------
    address: a path of a Unix socket, or (host, port).
    target: the path and query to ask for.
    silence, ask: see `SILENCE` and `ASK`.
    """

    def __init__(self, address, target: str, *, silence: float = SILENCE, ask: float = ASK) -> None:
        super().__init__()
        self._address, self._silence, self._ask = address, silence, ask
        self._socket = _dial(address, ask)
        self._pipe: tuple[int, int, int] | None = None
        self._chunked = False
        self._splices = hasattr(os, "splice")
        try:
            # HTTP/1.0: the body then comes as it is, not in chunks with lengths between them.
            self._socket.sendall(f"GET {target} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
            self._socket.setblocking(False)
            self.status, self._chunked = self._head()
        except BaseException:
            self.close()
            raise

    def _head(self) -> tuple[int, bool]:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.fill()
            head += piece
            if not piece or len(head) > PIECE:
                raise EngineLost("images.lost", reason="no HTTP response")
        head, _, self.chunk = head.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1:2]
        chunked = b"transfer-encoding: chunked" in head.lower()
        if not status or not status[0].isdigit():
            raise EngineLost("images.lost", reason="no HTTP response")
        return int(status[0]), chunked

    @property
    def body(self) -> Stream:
        """The body as a stream; a proxy in between may have cut it into chunks."""
        return Pieces(_dechunked(self)) if self._chunked else self

    def fill(self) -> bytes:
        while True:
            try:
                return self._socket.recv(PIECE)
            except BlockingIOError:
                self._wait()

    def leap(self, count: int) -> int:
        if not self._splices or self._chunked or count < SPLICED:
            return 0
        source = self._socket.fileno()
        reader, writer, nowhere = self._pipe = self._pipe or _pipe()
        left = count
        while left:
            try:
                moved = os.splice(source, writer, left)
            except BlockingIOError:
                self._wait()
                continue
            except OSError:
                if left == count:  # this kind of socket cannot be spliced
                    self._splices = False
                    return 0
                raise
            if not moved:
                break
            left -= moved
            while moved:
                moved -= os.splice(reader, nowhere, moved)
        return count - left

    def _wait(self) -> None:
        """Wait until there is something to read, as long as the daemon lives."""
        end = time.monotonic() + self._silence
        deaf = 0
        while not _readable(self._socket, self._ask):
            deaf = 0 if self._answers() else deaf + 1
            if deaf == ASKED or time.monotonic() > end:
                raise EngineLost("images.lost", reason=os.strerror(errno.ETIMEDOUT))

    def _answers(self) -> bool:
        try:
            with contextlib.closing(_dial(self._address, self._ask)) as line:
                line.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
                return bool(line.recv(1))
        except OSError:
            return False

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
        for descriptor in self._pipe or ():
            os.close(descriptor)
        self._pipe = None


@contextlib.contextmanager
def saving(engine, names: Sequence[str]) -> Iterator[Stream]:
    """Give the stream of ``docker save NAMES``; one stream for all of them.

    Raises
    ------
    EngineLost: the daemon went away or fell silent.
    NotFound: one of the images is gone.
    EngineFailed: the daemon cannot save them.
    """
    query = urlencode([("names", name) for name in names])
    target = f"/v{engine.api_version}/images/get?{query}"
    address = _address(engine)
    with talking(engine):
        if address is None:
            with _through_sdk(engine, target) as response:
                _check(response.status_code, lambda: response.content, names)
                yield Pieces(response.raw.stream(PIECE, decode_content=False))
            return
        wire = Wire(address, target)
        with contextlib.closing(wire):
            _check(wire.status, lambda: wire.body.take(1 << 16), names)
            yield wire.body


def _check(status: int, body, names: Sequence[str]) -> None:
    if status == 200:
        return
    try:
        reason = str(orjson.loads(body())["message"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        reason = f"HTTP {status}"
    if status == 404:
        raise NotFound("images.gone", name=", ".join(names), reason=reason)
    raise EngineFailed("images.refused", name=", ".join(names), reason=reason)


def _address(engine):
    """Where to connect, or None for what the SDK must do: ssh, TLS, named pipes."""
    if (path := engine.endpoint.socket) is not None:
        return str(path)
    parts = urlsplit(engine.endpoint.url)
    if parts.scheme in ("tcp", "http") and engine.endpoint.certificates is None:
        return (parts.hostname or "localhost", parts.port or 2375)
    return None


def _through_sdk(engine, target: str):
    api = engine.client.api
    return contextlib.closing(
        api.get(f"{api.base_url}{target}", stream=True, timeout=(ASK, SILENCE))
    )


def _dial(address, patience: float) -> socket.socket:
    if not isinstance(address, str):
        return socket.create_connection(address, patience)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(patience)
        line.connect(address)
    except BaseException:
        line.close()
        raise
    return line


def _readable(line: socket.socket, seconds: float) -> bool:
    if not hasattr(select, "poll"):
        return bool(select.select([line], [], [], seconds)[0])
    waiting = select.poll()
    waiting.register(line, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


def _pipe() -> tuple[int, int, int]:
    reader, writer = os.pipe()
    with contextlib.suppress(OSError, ImportError, AttributeError):
        import fcntl

        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 20)
    return reader, writer, os.open(os.devnull, os.O_WRONLY)


def _dechunked(wire: Wire) -> Iterator[bytes]:
    """Yield the content of a chunked body (RFC 9112, section 7.1)."""
    while True:
        line = b""
        while not line.endswith(b"\r\n"):
            if not (piece := wire.take(1)) or len(line) > 100:
                raise EngineLost("images.lost", reason="chunked body cut short")
            line += piece
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            raise EngineLost("images.lost", reason="chunked body") from None
        if not size:
            return
        yield wire.take(size)
        wire.take(2)
