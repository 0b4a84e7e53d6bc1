"""What a command wrote, from a daemon that is played: the bytes as a busy machine gets them."""

from __future__ import annotations

import contextlib
import socket
import threading

import docker
import pytest

from helpers.containers.output import HEADER, attached

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n"
    b"Connection: close\r\n\r\n"
)


def frame(content: bytes, stream: int = 1) -> bytes:
    return HEADER.pack(stream, len(content)) + content


@pytest.fixture
def stream_of(tmp_path):
    """Return a function: the stream that the SDK makes of an answer that comes in these pieces."""
    with contextlib.ExitStack() as stack:

        def make(*pieces: bytes, close: bool = True):
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve() -> None:
                connection, _ = listener.accept()
                stack.callback(connection.close)
                connection.recv(1 << 16)
                for piece in pieces:
                    connection.sendall(piece)
                if close:
                    connection.shutdown(socket.SHUT_WR)

            threading.Thread(target=serve, daemon=True).start()
            address = f"tcp://127.0.0.1:{listener.getsockname()[1]}"
            api = docker.APIClient(base_url=address, version="1.41", timeout=20)
            stack.callback(api.close)
            return api.exec_start("x", socket=True)

        yield make


def test_output_that_comes_with_the_headers_is_not_lost(stream_of):
    assert attached(stream_of(HEAD + frame(b"hello\n") + frame(b"oh\n", 2)), 20) == "hello\noh\n"


def test_a_frame_in_pieces(stream_of):
    whole = frame(b"hello\n")
    assert attached(stream_of(HEAD + whole[:3], whole[3:10], whole[10:]), 20) == "hello\n"


def test_a_daemon_that_goes_away_in_the_middle(stream_of):
    assert attached(stream_of(HEAD + frame(b"hello\n") + frame(b"lost")[:-2]), 20) == "hello\nlo"


def test_one_that_says_nothing_more(stream_of):
    with pytest.raises(TimeoutError):
        attached(stream_of(HEAD + frame(b"hello\n"), close=False), 0.2)
