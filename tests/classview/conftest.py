"""Classes on real sockets of this machine, and learners with folders of their own."""

from __future__ import annotations

import asyncio
import os
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from helpers import messages
from helpers.classview import classes, code, reporting
from helpers.classview.classes import Class
from helpers.classview.model import Overview
from helpers.classview.receiver import Receiver
from helpers.classview.store import Store
from helpers.classview.watching import look
from tests.widgets.conftest import browser as browser

PATIENCE = 60  # seconds that a condition may take on a busy machine


@pytest.fixture(autouse=True)
def ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports of this process alone: tests of other workers make classes at the same time."""
    first = 10_000 + os.getpid() % 1000 * 20  # below those that systems hand out
    monkeypatch.setattr(classes, "PORT", first)
    monkeypatch.setattr(classes, "VIEW_PORT", first + 10)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The course's folder of a machine where nobody has joined, and its reporter."""
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(code.VARIABLE, raising=False)
    monkeypatch.setattr(reporting, "_reporter", reporting.Reporter(pauses=(0.05, 0.1)))
    with messages.speaking("en"):
        yield tmp_path / "home"


@contextmanager
def serving(
    found: Class, change: Callable[[Receiver], object] = lambda receiver: None
) -> Iterator[Receiver]:
    """Listen for a class in a thread; ``change`` sees the receiver before it does."""
    begun: queue.Queue = queue.Queue()

    async def serve() -> None:
        store = Store(found.store)
        ended = asyncio.Event()
        receiver = Receiver(found, store)
        change(receiver)
        try:
            receiver.start()
        except BaseException as error:
            begun.put(error)
            store.close()
            return
        begun.put((receiver, asyncio.get_running_loop(), ended))
        await ended.wait()
        await receiver.stop()
        store.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    answer = begun.get(timeout=PATIENCE)
    if isinstance(answer, BaseException):
        raise answer
    receiver, loop, ended = answer
    try:
        yield receiver
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE)


@pytest.fixture
def room(home: Path) -> Class:
    """A class of this machine."""
    return classes.open_()


@pytest.fixture
def receiver(room: Class) -> Iterator[Receiver]:
    """It listens."""
    with serving(room) as found:
        yield found


def eventually(condition: Callable[[], object], awaited: str) -> object:
    """Wait for a condition."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited for {awaited}"
        time.sleep(0.02)
    return found


def tries(found: Class) -> int:
    """Return how many verdicts a class has been told."""
    return sum(one.tries for one in overview(found).standings)


def overview(found: Class) -> Overview:
    """Return what is kept of it."""
    return look(found)


class Stub:
    """A machine that shows a certificate, writes down what it is sent, and does as a test wants.

    Parameters
    ----------
    identity: key and certificate.
    act: gets each connection, with what was sent on it.
    """

    def __init__(self, identity: Path, act: Callable[[ssl.SSLSocket, bytes], object]) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(identity)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heard: list[bytes] = []
        self.links = 0
        self._act = act
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                link, _ = self._listener.accept()
                self.links += 1
                threading.Thread(target=self._one, args=(link,), daemon=True).start()

    def _one(self, link: socket.socket) -> None:
        with suppress(OSError), self._context.wrap_socket(link, server_side=True) as tls:
            sent = b""
            while chunk := tls.recv(65_536):
                sent += chunk
                head, end, body = sent.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                if end and length and len(body) >= int(length[1]):
                    break
            if sent:
                self.heard.append(sent)
                self._act(tls, sent)

    def close(self) -> None:
        """Listen no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # ends a wait in accept, where that is needed
        self._listener.close()


def answering(status: str = "200 OK", body: bytes = b'{"class": "main"}') -> Callable:
    """Return what makes a stub answer so."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return lambda link, _: link.sendall(head.encode() + body)
