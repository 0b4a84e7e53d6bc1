"""The socket in between, held against a server that says what HTTP allows: no daemon needed."""

from __future__ import annotations

import contextlib
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from helpers.components.proxy import Proxy

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")


@contextlib.contextmanager
def served(serve: Callable[[socket.socket], None]) -> Iterator[Proxy]:
    """Yield a proxy whose daemon is ``serve``, called with each connection."""
    threads = []

    def dial() -> socket.socket:
        ours, theirs = socket.socketpair()

        def run() -> None:
            with theirs, contextlib.suppress(OSError):
                serve(theirs)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        threads.append(thread)
        return ours

    with Proxy(dial) as proxy:
        yield proxy
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive(), "the daemon's side of a connection was left open"


def connect(proxy: Proxy) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(10)
    connection.connect(str(proxy.path))
    return connection


def until(connection: socket.socket, end: bytes) -> bytes:
    found = b""
    while not found.endswith(end):
        block = connection.recv(4096)
        assert block, f"closed after {found!r}"
        found += block
    return found


def settled(proxy: Proxy) -> None:
    """Wait until the last answer was noted: the client has it a moment earlier."""
    deadline = time.monotonic() + 5
    while not all(one.ended for one in proxy.heard) and time.monotonic() < deadline:
        time.sleep(0.01)


def test_requests_on_one_connection_keep_their_answers():
    def serve(connection):
        for number in range(3):
            until(connection, b"\r\n\r\n")
            body = b"x" * number
            connection.sendall(b"HTTP/1.1 20%d OK\r\nContent-Length: %d\r\n\r\n" % (number, number))
            connection.sendall(body)

    with served(serve) as proxy, connect(proxy) as client:
        for number in range(3):
            client.sendall(b"GET /%d HTTP/1.1\r\nHost: d\r\n\r\n" % number)
            assert until(client, b"\r\n\r\n" + b"x" * number).startswith(b"HTTP/1.1 20%d" % number)
        settled(proxy)
    assert [(h.request.first[1], h.status, h.received) for h in proxy.heard] == [
        ("/0", 200, 0), ("/1", 201, 1), ("/2", 202, 2)
    ]  # fmt: skip


def test_a_head_has_no_body_whatever_its_length_says():
    def serve(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with served(serve) as proxy, connect(proxy) as client:
        client.sendall(b"HEAD /_ping HTTP/1.1\r\n\r\n")
        until(client, b"\r\n\r\n")
        client.sendall(b"POST /start HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        until(client, b"\r\n\r\n")
        settled(proxy)
    assert [h.status for h in proxy.heard] == [200, 204]


def test_chunks_go_through_as_they_come_in_both_directions():
    release = threading.Event()

    def serve(connection):
        until(connection, b"0\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        release.wait(5)
        connection.sendall(b"6;note=x\r\nsecond\r\n0\r\nTrailer: y\r\n\r\n")

    with served(serve) as proxy, connect(proxy) as client:
        client.sendall(b"POST /build HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        client.sendall(b"2\r\nde\r\n0\r\n\r\n")
        until(client, b"first\r\n")  # before the answer has ended: nothing is held back
        assert not proxy.heard[0].ended
        release.set()
        assert until(client, b"y\r\n\r\n").endswith(b"second\r\n0\r\nTrailer: y\r\n\r\n")
        settled(proxy)
    one = proxy.heard[0]
    assert (one.asked, one.told, one.streamed) == (b"abcde", b"firstsecond", True)


def test_a_body_without_a_length_ends_with_the_connection():
    def serve(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nall of it")

    with served(serve) as proxy, connect(proxy) as client:
        client.sendall(b"GET /old HTTP/1.1\r\n\r\n")
        until(client, b"all of it")
        assert client.recv(10) == b""
    assert proxy.heard[0].received == 9


def test_continue_is_passed_on_and_is_no_answer():
    def serve(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        until(connection, b"data")
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    with served(serve) as proxy, connect(proxy) as client:
        client.sendall(b"PUT /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        until(client, b"100 Continue\r\n\r\n")
        client.sendall(b"data")
        until(client, b"\r\n\r\n")
        settled(proxy)
    assert (proxy.heard[0].status, proxy.heard[0].asked) == (201, b"data")


@pytest.mark.parametrize("answer", [b"101 UPGRADED", b"200 OK"])
def test_an_upgraded_connection_carries_bytes_both_ways_until_each_side_is_done(answer):
    def serve(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(
            b"HTTP/1.1 " + answer + b"\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
            b"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello "
        )
        got = b""
        while block := connection.recv(100):  # until the client has closed its half
            got += block
        connection.sendall(b"got " + got)

    with served(serve) as proxy, connect(proxy) as client:
        client.sendall(b"POST /containers/x/attach HTTP/1.1\r\nUpgrade: tcp\r\n\r\n")
        until(client, b"hello ")
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")  # bytes, not a request any more
        client.shutdown(socket.SHUT_WR)
        assert until(client, b"\r\n\r\n") == b"got GET / HTTP/1.1\r\n\r\n"
        assert client.recv(10) == b""
    assert len(proxy.heard) == 1 and proxy.heard[0].upgraded


def test_an_upgrade_that_is_refused_stays_http():
    def serve(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\n\r\nno")
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    with served(serve) as proxy, connect(proxy) as client:
        client.sendall(b"POST /attach HTTP/1.1\r\nUpgrade: tcp\r\n\r\n")
        until(client, b"no")
        client.sendall(b"GET /next HTTP/1.1\r\n\r\n")
        until(client, b"ok")
        settled(proxy)
    assert [h.status for h in proxy.heard] == [409, 200]


def test_a_client_that_hangs_up_in_a_stream_frees_the_daemon():
    gone = threading.Event()

    def serve(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if connection.recv(1) == b"":
            gone.set()

    with served(serve) as proxy:
        with connect(proxy) as client:
            client.sendall(b"GET /events HTTP/1.1\r\n\r\n")
            until(client, b"\r\n\r\n")
        assert gone.wait(5)
    assert proxy.heard[0].status == 200


def test_an_endless_stream_does_not_hold_up_the_end():
    def serve(connection):
        until(connection, b"\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while connection.recv(100):
            pass

    began = time.monotonic()
    with served(serve) as proxy:
        client = connect(proxy)  # never closed by the client
        client.sendall(b"GET /events HTTP/1.1\r\n\r\n")
        until(client, b"\r\n\r\n")
    assert time.monotonic() - began < 12
    client.close()


def test_a_daemon_that_closes_without_an_answer():
    def serve(connection):
        until(connection, b"\r\n\r\n")

    with served(serve) as proxy, connect(proxy) as client:
        client.sendall(b"GET /x HTTP/1.1\r\n\r\n")
        assert client.recv(10) == b""
    assert proxy.heard[0].status == 0


def test_a_daemon_that_is_not_there():
    def dial():
        raise ConnectionRefusedError

    with Proxy(dial) as proxy, connect(proxy) as client:
        assert client.recv(10) == b""
    assert proxy.heard == []


def test_nobody_else_reaches_the_socket_and_nothing_is_left():
    with Proxy(lambda: socket.socketpair()[0]) as proxy:
        folder = proxy.path.parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()
