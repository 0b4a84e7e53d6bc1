"""Joining is a learner's own act, to the right machine, for a while; leaving is as easy."""

from __future__ import annotations

import json
import os
import re
import stat
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import exercises, messages
from helpers.classview import (
    certificate,
    code,
    contract,
    membership,
    reporting,
    sending,
)
from helpers.classview.classes import Class
from helpers.classview.receiver import Receiver
from helpers.errors import ClassFailed, NotWritable
from helpers.lab import course

from .conftest import Stub, answering, overview


def names(room: Class) -> list[str]:
    return [one.name for one in overview(room).learners]


def test_who_joins_is_told_what_it_means_and_how_to_leave(receiver: Receiver, room: Class) -> None:
    said = str(exercises.join(" Ada  Lovelace", str(room.code())))
    assert said.startswith("You are in the class main as Ada Lovelace.\n")
    assert "this name, the exercise, right or not, which message" in said
    assert "To leave: `exercises.leave()`" in said
    assert repr(exercises.joined()) == said
    shown = exercises.joined()._repr_mimebundle_()
    assert shown["text/plain"] == said
    assert "<strong>You are in the class main as Ada Lovelace.</strong>" in shown["text/html"]
    assert "<code>exercises.leave()</code>" in shown["text/html"]
    assert names(room) == ["Ada Lovelace"]
    with messages.speaking("zh"):
        assert "你已加入班级 main，显示的名字是 Ada Lovelace" in str(exercises.joined())


def test_nobody_joins_by_accident(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(code.VARIABLE, str(room.code()))
    assert "reports to no class" in str(exercises.joined())
    assert membership.current() is None


def test_in_a_classroom_the_code_is_there_and_the_name_is_typed(
    receiver: Receiver, room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in room.environment("127.0.0.1").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ClassFailed, match="name is missing"):
        exercises.join()
    exercises.join("李明")
    assert names(room) == ["李明"]


def test_the_file_is_the_owner_s_alone(receiver: Receiver, room: Class, home: Path) -> None:
    exercises.join("Ada", str(room.code()))
    path = home / "joined.json"
    assert set(json.loads(path.read_text())) == {"code", "name", "seat", "title", "until"}
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(home.glob("joined?*[!n]"))
    assert "reports to no class" in str(exercises.leave())
    assert not path.exists()
    assert names(room) == ["Ada"], "what was told stays"


def test_leaving_may_erase(receiver: Receiver, room: Class) -> None:
    exercises.join("Ada", str(room.code()))
    exercises.leave(erase=True)
    assert names(room) == []
    assert b"Ada" not in room.store.read_bytes()


def test_what_was_on_its_way_does_not_come_back(receiver: Receiver, room: Class) -> None:
    exercises.join("Ada", str(room.code()))
    late = contract.Report("Ada", membership.current().seat).write()
    exercises.leave(erase=True)
    assert sending.post(room.code(), "/report", late).status == 401
    assert names(room) == []
    exercises.join("Ada", str(room.code()))
    assert names(room) == ["Ada"], "another seat"


def test_leaving_works_while_nobody_answers(room: Class, receiver: Receiver) -> None:
    exercises.join("Ada", str(room.code()))
    joined = membership.current()
    membership.keep(replace(joined, code=joined.code.replace(f":{room.port}/", ":9/")))
    with pytest.raises(ClassFailed, match="not forgotten"):
        exercises.leave(erase=True)
    assert membership.current() is None


def test_another_name_is_not_another_learner(receiver: Receiver, room: Class) -> None:
    exercises.join("Ada", str(room.code()))
    exercises.join("Ada L.", str(room.code()))
    assert names(room) == ["Ada L."]


def test_it_ends_by_itself(
    receiver: Receiver, room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercises.join("Ada", str(room.code()))
    assert membership.current() is not None
    later = membership.time.time() + membership.LASTS + 1
    monkeypatch.setattr(membership.time, "time", lambda: later)
    assert membership.current() is None


@pytest.mark.parametrize(
    "content", ["", "null", "[]", "{}", '{"code": 1}', "\x00", "[" * 9000, '{"seat": {}}']
)
def test_a_file_that_says_nothing_clear_is_no_yes(home: Path, content: str) -> None:
    membership.file().write_text(content)
    assert membership.current() is None
    reporting.tell("01.2", True, "lesson01.ex2.right")
    assert reporting.state() == reporting.State(0, 0, "")


def test_a_wrong_code_is_refused(receiver: Receiver, room: Class) -> None:
    right = room.code()
    with pytest.raises(ClassFailed, match="does not know this code"):
        exercises.join("Ada", str(replace(right, secret="0" * 8)))
    assert membership.current() is None
    assert names(room) == []


def test_nothing_is_sent_to_another_machine(home: Path, tmp_path: Path) -> None:
    identity = tmp_path / "identity.pem"
    identity.write_bytes(b"".join(certificate.make()))
    stub = Stub(identity, answering())
    other = code.Code("127.0.0.1", stub.port, "7K3MQ0XW", "0" * 16)
    with pytest.raises(ClassFailed, match="not the one that the code belongs to"):
        exercises.join("Ada", str(other))
    assert (stub.links, stub.heard) == (1, [])
    good = replace(other, fingerprint=code.fingerprint(certificate.public(identity.read_bytes())))
    exercises.join("Ada", str(good))
    assert b"7K3MQ0XW" in stub.heard[0], "the stub hears what is sent to it"
    stub.close()


def test_nobody_answers(room: Class) -> None:
    with pytest.raises(ClassFailed, match=r"Nobody answers at 127\.0\.0\.1"):
        exercises.join("Ada", str(room.code()))
    assert membership.current() is None


@pytest.mark.parametrize("host", ["a..b", "x" * 300, "no-such-host.invalid"])
def test_an_address_that_cannot_be_is_nobody_s(home: Path, host: str) -> None:
    with pytest.raises(ClassFailed, match="Nobody answers"):
        exercises.join("Ada", str(code.Code(host, 8765, "7K3MQ0XW", "0" * 16)))


def test_a_machine_that_answers_byte_by_byte_is_given_up(home: Path, tmp_path: Path) -> None:
    identity = tmp_path / "identity.pem"
    identity.write_bytes(b"".join(certificate.make()))
    cut = threading.Event()

    def drip(link, sent: bytes) -> None:
        try:
            for _ in range(200):  # then all of an answer after all
                link.sendall(b"H")
                cut.wait(0.05)
            answering()(link, sent)
        except OSError:
            cut.set()

    stub = Stub(identity, drip)
    shown = code.fingerprint(certificate.public(identity.read_bytes()))
    where = code.Code("127.0.0.1", stub.port, "7K3MQ0XW", shown)
    with pytest.raises(ClassFailed, match="Nobody answers"):
        sending.post(where, "/report", b"{}", limit=0.3)
    assert cut.wait(20)
    stub.close()


@pytest.mark.parametrize(
    "answer", [answering(body=b"\xff" * 3000), answering(body=b'{"class": 1}'),
               answering(body=b"[" * 4000), answering(body=b"")],
)  # fmt: skip
def test_an_odd_answer_does_no_harm(home: Path, tmp_path: Path, answer) -> None:
    identity = tmp_path / "identity.pem"
    identity.write_bytes(b"".join(certificate.make()))
    stub = Stub(identity, answer)
    shown = code.fingerprint(certificate.public(identity.read_bytes()))
    where = code.Code("127.0.0.1", stub.port, "7K3MQ0XW", shown)
    assert "as Ada" in str(exercises.join("Ada", str(where)))
    stub.close()


def test_a_title_that_somebody_made_up_is_plain(home: Path, tmp_path: Path) -> None:
    identity = tmp_path / "identity.pem"
    identity.write_bytes(b"".join(certificate.make()))
    title = json.dumps({"class": "\x1b[31mred\u202e" + "x" * 200})
    stub = Stub(identity, answering(body=title.encode()))
    shown = code.fingerprint(certificate.public(identity.read_bytes()))
    said = str(exercises.join("Ada", str(code.Code("127.0.0.1", stub.port, "7K3MQ0XW", shown))))
    assert "\x1b" not in said
    assert "red\\u202ex" in said
    assert len(said) < 900
    stub.close()


@pytest.mark.parametrize("status", ["409 Conflict", "400 Bad Request", "500 x", "302 Found"])
def test_a_refusal_is_told(home: Path, tmp_path: Path, status: str) -> None:
    identity = tmp_path / "identity.pem"
    identity.write_bytes(b"".join(certificate.make()))
    stub = Stub(identity, answering(status))
    shown = code.fingerprint(certificate.public(identity.read_bytes()))
    with pytest.raises(ClassFailed, match=r"full|HTTP"):
        exercises.join("Ada", str(code.Code("127.0.0.1", stub.port, "7K3MQ0XW", shown)))
    assert membership.current() is None
    stub.close()


def test_a_file_that_cannot_be_written_is_told(receiver: Receiver, room: Class) -> None:
    (membership.file() / "in the way").mkdir(parents=True)
    with pytest.raises(NotWritable):
        exercises.join("Ada", str(room.code()))
    with pytest.raises(NotWritable):
        exercises.leave()
    assert [path.name for path in membership.file().parent.glob("joined*")] == ["joined.json"]


def test_help_says_what_is_told() -> None:
    words = re.sub(r"\s+", " ", exercises.join.__doc__)
    for part in (
        "name that you typed",
        "the exercise",
        "right",
        "messages you saw",
        "how long ago",
    ):
        assert part in words
    assert "leave()" in words


def test_starting_the_lab_reminds_who_joined(
    receiver: Receiver, room: Class, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    daemon = SimpleNamespace(
        private=None, version="28", store="x", endpoint=SimpleNamespace(source="x"),
        environment=dict,
    )  # fmt: skip
    monkeypatch.setattr(course.engine, "connect", lambda: daemon)
    monkeypatch.setattr(course.bases, "busybox", lambda _: None)
    monkeypatch.setattr(course, "WorkCopy", lambda: SimpleNamespace(update=list))
    monkeypatch.setattr(course, "writable", lambda folder: folder)
    monkeypatch.setattr(
        course.server, "start", lambda *_, **__: (SimpleNamespace(url=lambda *_: "http://x"), None)
    )
    monkeypatch.setattr(course, "_until_ended", lambda *_: None)
    course.lab("en", browser=False)
    assert "class" not in capsys.readouterr().out
    exercises.join("Ada", str(room.code()))
    course.lab("en", browser=False)
    assert "You are in the class main as Ada.\n" in capsys.readouterr().out
