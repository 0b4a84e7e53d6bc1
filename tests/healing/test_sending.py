"""Requests against a real server: bounded, on this machine only, none of them forgotten."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from helpers.errors import NetworkFailed
from helpers.healing import sending
from helpers.healing.counting import Reply, Sample, count
from helpers.healing.sending import IN_A_ROW, MOST_AT_ONCE, Sender, version_in


class Server(ThreadingHTTPServer):
    """Answers what its ``mode`` says; knows how many requests were open at once."""

    daemon_threads = True
    mode = "well"
    open = highest = seen = 0
    lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.seen += 1
            self.server.open += 1
            self.server.highest = max(self.server.highest, self.server.open)
        try:
            if self.server.mode == "silent":
                return  # the connection is closed without a word
            if self.server.mode == "slow":
                time.sleep(0.5)
            status = 503 if self.server.mode == "ill" else 200
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'{"version": "2"}')
        finally:
            with self.server.lock:
                self.server.open -= 1

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_a_plan_is_sent_and_every_answer_counted(server: Server) -> None:
    with Sender(address(server), [(0.5, 20), (0.3, 0), (0.5, 40)]) as sender:
        sender.wait(60)
    assert sender.finished
    replies = sender.replies
    assert 2 <= len(replies) <= 32  # fewer on a loaded machine, never more than planned
    assert len(replies) == server.seen
    assert all(one.answered and one.version == "2" for one in replies)


def test_with_a_number_alone_it_sends_until_the_end_of_the_block(server: Server) -> None:
    with Sender(address(server), 30) as sender:
        while len(sender.replies) < 5:
            assert sender.seconds < 30
            time.sleep(0.01)
    seen = server.seen
    assert len(sender.replies) == seen  # nothing is under way after the block
    time.sleep(0.2)
    assert server.seen == seen


@pytest.mark.parametrize("mode", ["ill", "silent"])
def test_what_is_not_answered_well_is_failed(server: Server, mode: str) -> None:
    server.mode = mode
    with Sender(address(server), [(0.2, 20)]) as sender:
        sender.wait(60)
    assert sender.replies
    assert not any(one.answered for one in sender.replies)


def test_a_door_that_opens_late_is_waited_for_and_nothing_is_counted(server: Server) -> None:
    server.mode = "ill"
    timer = threading.Timer(0.5, setattr, (server, "mode", "well"))
    timer.start()
    sender = Sender(address(server), [(0.2, 20)])
    sender.settle()
    assert server.mode == "well"
    assert server.seen > IN_A_ROW
    with sender:
        sender.wait(10)
    assert sender.replies and all(one.answered for one in sender.replies)


def test_a_door_that_stays_shut_is_left_to_those_who_count(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "DOOR", 0.3)
    server.mode = "ill"
    sender = Sender(address(server), 1)
    sender.settle()
    assert server.seen and not sender.replies


def test_nobody_there(server: Server) -> None:
    server.shutdown()
    server.server_close()
    with Sender(address(server), [(0.1, 20)]) as sender:
        sender.wait(60)
    assert [one.answered for one in sender.replies].count(True) == 0
    assert sender.replies


def test_only_so_many_wait_for_an_answer(server: Server) -> None:
    server.mode = "slow"
    with Sender(address(server), [(1.0, 50)]) as sender:
        sender.wait(60)
    assert server.highest <= MOST_AT_ONCE
    assert len(sender.replies) == server.seen


@pytest.mark.parametrize(
    "elsewhere", ["http://192.0.2.7:80", "http://example.org", "https://127.0.0.1", "127.0.0.1:80"]
)
def test_no_other_machine(elsewhere: str) -> None:
    with pytest.raises(NetworkFailed) as error:
        Sender(elsewhere, 1)
    assert elsewhere.partition("//")[2] in str(error.value) or elsewhere in str(error.value)


def test_not_too_many(server: Server) -> None:
    with pytest.raises(NetworkFailed, match="50"):
        Sender(address(server), [(1, 10), (1, 51)])


def test_versions() -> None:
    assert version_in(b'{"version": 3, "host": "x"}') == "3"
    assert version_in(b"version 1\nvisit 7\n") == "1"
    assert version_in(b"hello") == "?"


def test_slices() -> None:
    replies = [
        Reply(0.1, True, "1"),
        Reply(0.6, True, "1"),
        Reply(0.7, False),
        Reply(2.0, True, "2"),
    ]
    samples = [Sample(0.0, 1, 1), Sample(0.55, 1, 2, 0.9), Sample(1.2, 2, 2, 0.4)]
    load = count(replies, samples, seconds=1.9, unit="cpu", target=0.5)
    assert (load.sent, load.answered, load.failed) == (4, 3, 1)
    assert [s.seconds for s in load.over] == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert [(s.answered, s.failed) for s in load.over] == [(1, 0), (1, 1), (0, 0), (0, 0), (1, 0)]
    assert [s.versions for s in load.over][-1] == (("2", 1),)
    assert [(s.replicas, s.desired, s.usage) for s in load.over][:3] == [
        (1, 1, None), (1, 2, 0.9), (2, 2, 0.4),
    ]  # fmt: skip
