"""The save stream over a socket, against daemons that behave badly."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers.engine import Endpoint
from helpers.errors import EngineFailed, EngineLost, NotFound
from helpers.images import save
from helpers.images.save import Wire, saving

OK = b"HTTP/1.0 200 OK\r\nContent-Type: application/x-tar\r\n\r\n"


@contextlib.contextmanager
def daemon(place: Path, answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A Unix socket on which ``answer`` gets each connection and its request."""
    path = str(place / "docker.sock")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    threads = []

    def one(line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            answer(line, line.recv(1 << 16))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                threads.append(
                    threading.Thread(target=one, args=(listener.accept()[0],), daemon=True)
                )
                threads[-1].start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield path
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def engine(path: str) -> SimpleNamespace:
    return SimpleNamespace(
        endpoint=Endpoint(f"unix://{path}", "argument"), api_version="1.51", client=None
    )


def test_bytes_come_through_taken_and_skipped(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    asked = []

    def answer(line, request) -> None:
        asked.append(request.split(b"\r\n")[0])
        line.sendall(OK + data[:100])
        line.sendall(data[100:])

    with daemon(tmp_path, answer) as path, saving(engine(path), ["a:1", "b/c"]) as stream:
        assert stream.take(10) == data[:10]
        assert stream.skip(1_000_000) == 1_000_000
        assert stream.take(512) == data[1_000_010:1_000_522]
        assert stream.skip(100) == 100
        stream.unread(b"back")
        assert stream.take(5) == b"back" + data[1_000_622:1_000_623]
        assert stream.skip(5_000_000) == len(data) - 1_000_623
        assert stream.take(1) == b""
    assert asked == [b"GET /v1.51/images/get?names=a%3A1&names=b%2Fc HTTP/1.0"]


def test_without_splice_the_same_bytes_come(tmp_path: Path, monkeypatch) -> None:
    data = os.urandom(1_000_000)
    monkeypatch.delattr(os, "splice", raising=False)
    with (
        daemon(tmp_path, lambda line, _: line.sendall(OK + data)) as path,
        saving(engine(path), ["a"]) as stream,
    ):
        assert stream.skip(900_000) == 900_000
        assert stream.take(200_000) == data[900_000:]


def test_a_chunked_body_is_put_together(tmp_path: Path) -> None:
    head = OK.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    body = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n"
    with (
        daemon(tmp_path, lambda line, _: line.sendall(head + body)) as path,
        saving(engine(path), ["a"]) as stream,
    ):
        assert stream.take(100) == b"hello world"


def test_the_answer_of_the_daemon_becomes_an_error(tmp_path: Path) -> None:
    for status, body, kind in (
        (404, b'{"message": "No such image: a"}', NotFound),
        (500, b'{"message": "layer is damaged"}', EngineFailed),
        (500, b"not json", EngineFailed),
    ):
        text = b"HTTP/1.0 %d X\r\n\r\n%s" % (status, body)
        folder = tmp_path / f"{status}-{len(body)}"
        folder.mkdir()
        with (
            daemon(folder, lambda line, _, text=text: line.sendall(text)) as path,
            pytest.raises(kind) as caught,
            saving(engine(path), ["a"]),
        ):
            pass
        if body.startswith(b"{"):
            assert caught.value.values["reason"] in body.decode()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.0 200", b"nonsense\r\n\r\n", b"x" * 300_000])
def test_no_http_response_is_a_lost_engine(tmp_path: Path, answer: bytes) -> None:
    with (
        daemon(tmp_path, lambda line, _: line.sendall(answer)) as path,
        pytest.raises(EngineLost),
        saving(engine(path), ["a"]),
    ):
        pass


def test_no_socket_is_a_lost_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineLost), saving(engine(str(tmp_path / "none.sock")), ["a"]):
        pass


def test_a_silent_daemon_that_does_not_even_answer_a_ping_is_given_up(tmp_path: Path) -> None:
    stopped = threading.Event()
    pings = []

    def answer(line, request) -> None:
        if b"_ping" in request:
            pings.append(request)
        else:
            line.sendall(OK + b"begin")
        stopped.wait(30)

    with daemon(tmp_path, answer) as path:
        with contextlib.closing(Wire(path, "/x", ask=0.05)) as wire:
            assert wire.take(5) == b"begin"
            with pytest.raises(EngineLost):
                wire.take(1)
        stopped.set()
    assert len(pings) == save.ASKED


def test_a_busy_daemon_that_answers_pings_is_waited_for(tmp_path: Path) -> None:
    pinged = threading.Event()

    def answer(line, request) -> None:
        if b"_ping" in request:
            line.sendall(OK + b"OK")
            pinged.set()
        else:
            pinged.wait(30)
            line.sendall(OK + b"at last")

    with daemon(tmp_path, answer) as path, contextlib.closing(Wire(path, "/x", ask=0.05)) as wire:
        assert wire.take(7) == b"at last"
    assert pinged.is_set()


def test_even_a_living_daemon_is_not_waited_for_without_end(tmp_path: Path) -> None:
    stopped = threading.Event()

    def answer(line, request) -> None:
        if b"_ping" in request:
            line.sendall(OK + b"OK")
        else:
            stopped.wait(30)

    with daemon(tmp_path, answer) as path:
        with pytest.raises(EngineLost):
            Wire(path, "/x", silence=0.2, ask=0.05)
        stopped.set()


def test_tls_and_ssh_are_left_to_the_sdk() -> None:
    def address(url: str, certificates=None):
        return save._address(SimpleNamespace(endpoint=Endpoint(url, "argument", certificates)))

    assert address("unix:///run/docker.sock") == "/run/docker.sock"
    assert address("tcp://127.0.0.1:2375") == ("127.0.0.1", 2375)
    assert address("tcp://127.0.0.1:2376", Path("/certs")) is None
    assert address("ssh://me@there") is None
    assert address("npipe:////./pipe/docker_engine") is None
