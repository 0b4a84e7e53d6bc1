"""A socket between the docker client and its daemon that passes everything on and listens.

It is a Unix socket in a folder that nobody else may enter, and it is there for one command only.
Nothing is changed on the way: bodies stream, and a connection that stops being HTTP (``attach``,
BuildKit's sessions) is passed on as bare bytes.
"""

from __future__ import annotations

import contextlib
import queue
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from .framing import Head, Reader, request_head, response_head

__all__ = ["Heard", "Proxy"]

KEPT = 1 << 16  # bytes of a body that are kept, to learn what an ID is called
END = 5.0  # seconds for connections to end by themselves


@dataclass
class Heard:
    """One request as it went by, filled in until its answer has ended; times as monotonic()."""

    request: Head
    began: float
    wall: float  # seconds since the epoch, to place it beside another program's log
    status: int = 0
    answered: float = 0.0
    ended: float = 0.0
    upgraded: bool = False
    streamed: bool = False
    sent: int = 0
    received: int = 0
    asked: bytes = b""
    told: bytes = b""
    decided: threading.Event = field(default_factory=threading.Event)


class Proxy:
    """Listens while a ``with`` block runs; ``heard`` holds the requests in their order.

    Parameters
    ----------
    dial: returns a new connection to the daemon.
    """

    def __init__(self, dial: Callable[[], socket.socket]) -> None:
        self._dial = dial
        self.heard: list[Heard] = []
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"unix://{self.path}"

    def __enter__(self) -> Proxy:
        # mkdtemp: mode 0700, so that no other user reaches the daemon through this socket
        self._folder = Path(tempfile.mkdtemp(prefix="lbl-"))
        self.path = self._folder / "docker.sock"
        try:
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(str(self.path))
            self._listener.listen(64)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._spawn(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        deadline = time.monotonic() + (0 if error else END)
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._lock:
            left = list(self._open)
        for connection in left:
            _shut(connection, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(1.0)

    def _spawn(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        """Pass on one connection of the client."""
        try:
            daemon = self._dial()
        except OSError:
            client.close()  # the client then says that it cannot reach the daemon
            return
        with self._lock:
            self._open |= {client, daemon}
        waiting: queue.SimpleQueue[Heard | None] = queue.SimpleQueue()
        back = threading.Thread(target=self._answers, args=(client, daemon, waiting), daemon=True)
        back.start()
        with contextlib.suppress(OSError, ValueError):
            self._requests(client, daemon, waiting)
        waiting.put(None)
        _shut(daemon, socket.SHUT_WR)
        back.join()
        with self._lock:
            self._open -= {client, daemon}
        for connection in (client, daemon):
            connection.close()

    def _requests(
        self, client: socket.socket, daemon: socket.socket, waiting: queue.SimpleQueue
    ) -> None:
        reader = Reader(client)
        while raw := reader.head():
            heard = Heard(request_head(raw), time.monotonic(), time.time())
            with self._lock:
                self.heard.append(heard)
            waiting.put(heard)
            daemon.sendall(raw)
            for piece, content in reader.body(heard.request):
                daemon.sendall(piece)
                heard.sent += len(content)
                heard.asked = _keep(heard.asked, content)
            if heard.request.upgrade:
                # a client waits for the answer before it speaks the other protocol
                heard.decided.wait()
                if heard.upgraded:
                    for piece in iter(reader.rest, b""):
                        daemon.sendall(piece)
                        heard.sent += len(piece)
                    return

    def _answers(
        self, client: socket.socket, daemon: socket.socket, waiting: queue.SimpleQueue
    ) -> None:
        reader = Reader(daemon)
        heard: Heard | None = None
        try:
            while heard := waiting.get():
                if self._answer(reader, client, heard):
                    break
        except (OSError, ValueError):
            pass
        finally:
            if heard:
                heard.decided.set()
            _shut(client, socket.SHUT_WR)
            # nobody answers any more: the other direction must not wait for requests
            _shut(client, socket.SHUT_RD)

    def _answer(self, reader: Reader, client: socket.socket, heard: Heard) -> bool:
        """Pass on one answer; return whether the connection ends with it."""
        for head in _heads(reader):
            client.sendall(head.raw)
            status = int(head.first[1])
            if status == 101 or status >= 200:
                break  # what comes before is only "100 Continue"
        else:
            raise OSError("closed without an answer")
        heard.status, heard.answered = status, time.monotonic()
        bare = "docker.raw-stream" in head.fields.get("content-type", "")
        heard.upgraded = status == 101 or (bare and heard.request.upgrade)
        heard.streamed = head.chunked
        heard.decided.set()
        last = heard.upgraded
        if heard.upgraded:
            pieces: Iterator[tuple[bytes, bytes]] = ((p, p) for p in iter(reader.rest, b""))
        elif heard.request.first[0] == "HEAD" or status in (204, 304):
            pieces = iter(())
        else:
            last = not head.chunked and head.length is None
            pieces = reader.body(head, until_closed=True)
        try:
            for piece, content in pieces:
                client.sendall(piece)
                heard.received += len(content)
                heard.told = _keep(heard.told, content)
        finally:  # a client may hang up before a stream has ended
            heard.ended = time.monotonic()
        return last


def _heads(reader: Reader) -> Iterator[Head]:
    while raw := reader.head():
        yield response_head(raw)


def _keep(held: bytes, content: bytes) -> bytes:
    return held + content[: KEPT - len(held)] if len(held) < KEPT else held


def _shut(connection: socket.socket, how: int) -> None:
    with contextlib.suppress(OSError):
        # not SSLSocket.shutdown: that takes TLS off what is still to be read
        socket.socket.shutdown(connection, how)
