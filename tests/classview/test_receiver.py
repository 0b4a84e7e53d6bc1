"""The receiver answers learners who know the code, and bounds everything that anybody sends."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import ssl
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers.classview import classes, contract, sending, store
from helpers.classview import receiver as receiving
from helpers.classview.classes import Class
from helpers.classview.limits import Buckets
from helpers.classview.receiver import Receiver, checked
from helpers.errors import ClassFailed

from .conftest import eventually, overview, serving, tries

EVENT = contract.Event("0" * 16, "01.2", False, "lesson01.ex2.missing", 0.0)
REPORT = contract.Report("Ada", "a" * 32, (EVENT,)).write()


def tls(room: Class) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection(("127.0.0.1", room.port), timeout=20))


def ask(room: Class, body: bytes = REPORT, path: str = "/report", method: str = "POST",
        **headers: str) -> http.client.HTTPResponse:  # fmt: skip
    """Ask as anybody could, and read the answer."""
    link = http.client.HTTPConnection("127.0.0.1", room.port)
    link.sock = tls(room)
    link.request(method, path, body, {"Authorization": f"Bearer {room.secret}", **headers})
    answer = link.getresponse()
    answer.body = answer.read()
    link.close()
    return answer


def test_the_answer_tells_the_class_s_name_and_nothing_else(receiver: Receiver, room: Class):
    answer = ask(room)
    assert (answer.status, json.loads(answer.body)) == (200, {"class": "main"})
    assert set(answer.headers) <= {
        "Content-Type", "Cache-Control", "X-Content-Type-Options", "Content-Length", "Date", "Etag",
    }  # fmt: skip


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", "Bearer 00000000", "Basic x", "Bearer \xe9", "bearer {}"]
)
def test_without_the_code_there_is_nothing(receiver: Receiver, room: Class, shown: str) -> None:
    for path in ("/report", "/erase"):
        answer = ask(room, path=path, Authorization=shown.format(room.secret))
        assert (answer.status, answer.body) == (401, b"")
    assert overview(room).learners == ()


def test_codes_are_compared_in_constant_time(
    receiver: Receiver, room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []
    real = receiving.hmac.compare_digest

    def compare(shown: bytes, wanted: bytes) -> bool:
        compared.append(shown)
        return real(shown, wanted)

    monkeypatch.setattr(receiving.hmac, "compare_digest", compare)
    ask(room, Authorization="Bearer x")
    assert compared == [b"Bearer x"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/report", 405), ("POST", "/", 404), ("GET", "/{token}/", 404), ("PUT", "/erase", 405),
     ("POST", "/report/../erase", 404), ("DELETE", "/report", 405)],
)  # fmt: skip
def test_learners_have_two_addresses(
    receiver: Receiver, room: Class, method: str, path: str, status: int
) -> None:
    answer = ask(room, path=path.format(token=room.token), method=method)
    assert (answer.status, answer.body) == (status, b"")


def test_what_is_no_report_is_refused(receiver: Receiver, room: Class) -> None:
    for body in (b"", b"{}", b"[" * 9000, REPORT.replace(b"01.2", b"09.9"), REPORT[:-1]):
        assert ask(room, body).status == 400
    assert overview(room).learners == ()
    assert ask(room).status == 200


def test_nobody_sends_much(receiver: Receiver, room: Class) -> None:
    """Too long, without a length, or with a head that does not end: hung up on, and not kept."""
    head = f"POST /report HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {room.secret}\r\n".encode()
    for rest in (
        b"Content-Length: 99999999\r\n\r\n" + b"x" * 70_000,
        b"Transfer-Encoding: chunked\r\n\r\n" + b"ffff\r\n" + b"x" * 70_000,
        b"X: " + b"x" * 70_000,
        b"Content-Length: -1\r\n\r\n",
    ):
        with tls(room) as link:
            answer = b""
            try:
                link.sendall(head + rest)
                while chunk := link.recv(4096):
                    answer += chunk
            except OSError:
                pass  # it did not wait for the rest
            assert b"200 OK" not in answer
    assert ask(room).status == 200


def test_there_is_no_way_around_tls(receiver: Receiver, room: Class) -> None:
    with socket.create_connection(("127.0.0.1", room.port), timeout=20) as link:
        link.sendall(b"POST /report HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        try:
            answer = link.recv(4096)
        except ConnectionResetError:
            answer = b""
    assert b"HTTP" not in answer
    assert ask(room).status == 200


def test_a_flood_is_bounded_and_the_next_one_waits(room: Class) -> None:
    clock = [0.0]

    def change(receiver: Receiver) -> None:
        receiver.buckets = Buckets(burst=20, each_second=1, clock=lambda: clock[0])

    with serving(room, change):
        with ThreadPoolExecutor(8) as pool:
            wrong = list(pool.map(lambda _: ask(room, Authorization="x").status, range(60)))
        assert (wrong.count(401), wrong.count(429)) == (20, 40)
        assert ask(room).status == 429, "also with the code: guessing stays as slow"
        clock[0] += 1
        assert ask(room).status == 200


def test_buckets_forget_who_asked_longest_ago() -> None:
    clock = [0.0]
    buckets = Buckets(burst=1, each_second=0.5, most=2, clock=lambda: clock[0])
    assert [buckets.take("a"), buckets.take("a")] == [True, False]
    clock[0] += 1
    assert not buckets.take("a")
    clock[0] += 2
    assert buckets.take("a")
    assert [buckets.take("b"), buckets.take("c"), buckets.take("a")] == [True] * 3
    assert len(buckets._left) == 2


def test_open_connections_are_bounded(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "MOST_LINKS", 5)
    with serving(room):
        idle = [socket.create_connection(("127.0.0.1", room.port), timeout=20) for _ in range(12)]
        ended = [link for link in idle[5:] if link.recv(1) == b""]
        assert len(ended) == 7
        with pytest.raises(OSError):
            ask(room)
        for link in idle:
            link.close()

        def works() -> bool:
            try:
                return ask(room).status == 200
            except OSError:
                return False

        eventually(works, "the server to be free again")


def test_who_says_nothing_is_hung_up_on(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "PATIENCE", 0.2)
    with serving(room):
        silent = socket.create_connection(("127.0.0.1", room.port), timeout=20)
        halfway = tls(room)
        halfway.sendall(b"POST /report HTTP/1.1\r\nX: ")
        assert silent.recv(1) == b""
        assert halfway.recv(1) == b""


def test_a_class_has_an_end(
    receiver: Receiver, room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_LEARNERS", 2)
    answers = [
        ask(room, contract.Report("Ada", f"{number:032x}").write()).status for number in range(3)
    ]
    assert answers == [200, 200, 409]
    assert ask(room, contract.Report("Bob", f"{1:032x}").write()).status == 200


def test_one_learner_cannot_speak_for_another(receiver: Receiver, room: Class) -> None:
    ask(room)
    ask(room, contract.Report("Ada", "b" * 32, (EVENT,)).write())
    assert [one.tries for one in overview(room).standings] == [1, 1]
    ask(room, contract.Report("Ada", "c" * 32).write(), path="/erase")
    assert len(overview(room).learners) == 2


def test_strangers_write_nothing_to_the_terminal(
    receiver: Receiver, room: Class, capfd: pytest.CaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", room.port), timeout=20) as link:
        link.sendall(b"\x16\x03\x01 no TLS at all\r\n\r\n")
    ask(room, b"{}")
    ask(room, path="/nothing")
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("tornado.access").level == logging.CRITICAL


def view(room: Class, path: str, host: str = "127.0.0.1") -> http.client.HTTPResponse:
    link = http.client.HTTPConnection("127.0.0.1", room.view_port, timeout=20)
    link.request("GET", path, headers={"Host": host})
    answer = link.getresponse()
    answer.body = answer.read().decode()
    link.close()
    return answer


def test_the_view_needs_its_token_and_its_name(receiver: Receiver, room: Class) -> None:
    ask(room)
    page = view(room, f"/{room.token}/")
    assert (page.status, "Ada" in page.body) == (200, True)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Ada" in view(room, f"/{room.token}/part").body
    assert view(room, f"/{room.token}/", f"localhost:{room.view_port}").status == 200
    for path in ("/", "/x/", f"/{room.token[:-1]}/", f"/{room.token}", "//", f"/{room.secret}/"):
        answer = view(room, path)
        assert (answer.status, answer.body) == (404, "")
    for host in ("evil.example", "127.0.0.1.evil.example", "", "192.168.1.20"):
        assert view(room, f"/{room.token}/", host).status in (400, 404)
    assert f"exercises.join(&quot;your name&quot;, &quot;{room.code()}&quot;)" in page.body
    for name in ("page.css", "page.js"):
        assert len(view(room, f"/{room.token}/{name}").body) > 500
    assert view(room, f"/{room.token}/page.py").status == 404


def test_the_view_stays_on_this_machine(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = []
    real = receiving.netutil.bind_sockets
    monkeypatch.setattr(
        receiving.netutil, "bind_sockets",
        lambda port, address: bound.append((address, port)) or real(port, "127.0.0.1"),
    )  # fmt: skip

    def change(receiver: Receiver) -> None:
        receiver.addresses = ("10.1.2.3",)

    with serving(room, change):
        assert bound == [("10.1.2.3", room.port), ("127.0.0.1", room.view_port)]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "224.0.0.1", "", "host", "1.2.3", "::/0"])
def test_it_listens_on_an_address_that_was_named(address: str) -> None:
    with pytest.raises(ClassFailed, match="no address that learners"):
        checked(address)


def test_an_address_of_another_machine_is_told(room: Class) -> None:
    def change(receiver: Receiver) -> None:
        receiver.addresses = ("192.0.2.7",)  # RFC 5737: nobody's

    with pytest.raises(ClassFailed, match=r"cannot listen on 192\.0\.2\.7"), serving(room, change):
        pass


def test_a_port_that_is_taken_is_told(room: Class) -> None:
    with (
        socket.create_server(("127.0.0.1", room.port)),
        pytest.raises(ClassFailed, match=f"Port {room.port}"),
        serving(room),
    ):
        pass
    with serving(room):
        assert ask(room).status == 200, "the other socket was closed"


def test_it_listens_on_several_addresses(room: Class) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux answers on all of 127.0.0.0/8")

    def change(receiver: Receiver) -> None:
        receiver.addresses = ("127.0.0.1", "127.0.0.2")

    with serving(room, change):
        for address in ("127.0.0.1", "127.0.0.2"):
            assert sending.post(room.code(address), "/report", REPORT).status == 200
    assert tries(room) == 1


def test_two_classes_on_one_machine_do_not_mix(home) -> None:
    left, right = classes.open_("left"), classes.open_("right")
    assert len({left.port, right.port, left.view_port, right.view_port}) == 4
    with serving(left), serving(right):
        assert ask(left).status == 200
        assert ask(right, Authorization=f"Bearer {left.secret}").status == 401
        ask(right, contract.Report("Bob", "b" * 32).write())
        assert "Bob" not in view(left, f"/{left.token}/").body
        assert view(left, f"/{right.token}/").status == 404
    assert [one.name for one in overview(left).learners] == ["Ada"]
    assert [one.name for one in overview(right).learners] == ["Bob"]
