"""A verdict is the same with and without a class, whatever the instructor's machine does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from helpers import engine, exercises
from helpers.classview import classes, code, contract, membership, reporting, sending
from helpers.classview.classes import Class
from helpers.classview.membership import Membership
from helpers.classview.receiver import Receiver
from helpers.exercises import Exercise, Right, Wrong, check, checking
from helpers.paths import ROOT

from .conftest import Stub, answering, eventually, overview, serving, tries

MISSING, RIGHT = "lesson01.ex2.missing", "lesson01.ex2.right"
NAME = "lbl-SENTINEL-container"


@pytest.fixture
def says(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Return a function that makes the check of 01.2 find something."""
    monkeypatch.setenv("LAYER_BY_LAYER_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(engine, "connect", lambda: SimpleNamespace())

    def finds(found: Right | Wrong) -> None:
        exercise = Exercise("01.2", lambda _: found)
        monkeypatch.setattr(checking, "find", lambda _: exercise)

    return finds


def member(where: code.Code) -> None:
    """Be in a class without having asked."""
    until = membership.time.time() + 1000
    membership.keep(Membership(str(where), "Ada", "a" * 32, "main", until))


def test_a_verdict_is_told(says, receiver: Receiver, room: Class) -> None:
    says(Wrong(MISSING, name=NAME))
    alone = str(check("01.2"))
    exercises.join("Ada", str(room.code()))
    assert str(check("01.2")) == alone
    eventually(lambda: tries(room) == 1, "the verdict")
    says(Right(RIGHT))
    assert check("01.2").ok
    eventually(lambda: tries(room) == 2, "the next one")
    (one,) = overview(room).standings
    assert (one.exercise, one.right, one.message, one.tries) == ("01.2", True, RIGHT, 2)
    eventually(lambda: reporting.state().sent == 2, "the answer")
    assert "2 verdicts told, 0 waiting" in str(exercises.joined())


def test_who_did_not_join_tells_nothing(says, receiver: Receiver, room: Class) -> None:
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    exercises.join("Ada", str(room.code()))
    exercises.leave()
    check("01.2")
    assert reporting.state() == reporting.State(0, 0, "")
    assert overview(room).standings == ()


def test_no_trouble_reaches_the_learner(says, room: Class, monkeypatch) -> None:
    says(Wrong(MISSING, name=NAME))
    alone = str(check("01.2"))

    def fails(*_: object) -> None:
        raise RuntimeError("anything")

    monkeypatch.setattr(membership, "current", fails)
    assert str(check("01.2")) == alone


def test_no_trouble_is_printed_into_the_notebook(
    says, room: Class, monkeypatch, capfd: pytest.CaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("anything")

    monkeypatch.setattr(sending, "post", fails)
    member(room.code())
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    eventually(lambda: reporting.state().trouble, "a failed try")
    assert capfd.readouterr() == ("", "")


def test_a_check_never_waits(says, room: Class) -> None:
    """The instructor's machine takes the report and says nothing until the check has ended."""
    checked, entered = threading.Event(), threading.Event()

    def slow(link, sent: bytes) -> None:
        entered.set()
        if checked.wait(20):
            answering()(link, sent)

    stub = Stub(room.identity, slow)
    member(replace(room.code(), port=stub.port))
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    assert entered.wait(20)
    assert not check("01.2").ok, "a verdict, while the first report still hangs"
    checked.set()
    eventually(lambda: reporting.state().waiting == 0, "both reports")
    stub.close()


def test_what_could_not_be_told_is_told_later_in_order(says, room: Class) -> None:
    member(room.code())
    for found in (Wrong(MISSING, name=NAME), Wrong("lesson01.ex2.not_added"), Right(RIGHT)):
        says(found)
        check("01.2")
    eventually(lambda: reporting.state().trouble == "unreachable", "a failed try")
    assert reporting.state().waiting == 3
    assert "could not be reached" in str(exercises.joined())
    with serving(room):
        eventually(lambda: reporting.state() == reporting.State(3, 0, ""), "all three")
    (one,) = overview(room).standings
    assert (one.message, one.right, one.same, one.tries) == (RIGHT, True, 1, 3)


def test_what_is_told_late_has_the_time_at_which_it_was(says, room: Class, monkeypatch) -> None:
    member(room.code())
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    eventually(lambda: reporting.state().trouble, "a failed try")
    checked = time.time()
    monkeypatch.setattr(reporting.time, "time", lambda: checked + 600)  # on both machines
    with serving(room):
        eventually(lambda: tries(room) == 1, "the verdict")
    (one,), (ada,) = overview(room).standings, overview(room).learners
    assert checked - 60 < one.since <= checked
    assert ada.heard == checked + 600


def test_the_queue_is_bounded_and_keeps_the_latest(says, room: Class) -> None:
    member(room.code())
    says(Wrong(MISSING, name=NAME))
    for _ in range(reporting.MOST):
        reporting.tell("01.2", False, MISSING)
    for _ in range(60):
        reporting.tell("01.1", True, "lesson01.ex1.right")
    assert reporting.state().waiting == reporting.MOST
    with serving(room):
        eventually(lambda: reporting.state().waiting == 0, "what was kept")
    found = {one.exercise: one.tries for one in overview(room).standings}
    assert found["01.1"] == 60
    # Of the oldest 60 a batch may have been on its way when they were dropped.
    oldest = reporting.MOST - 60
    assert oldest <= found["01.2"] <= oldest + contract.MOST_EVENTS


def test_a_refusal_ends_the_trying(says, receiver: Receiver, room: Class) -> None:
    member(replace(room.code(), secret="0" * 8))
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    eventually(lambda: reporting.state().trouble == "refused", "the refusal")
    assert reporting.state().waiting == 0
    assert "join again" in str(exercises.joined())


def test_a_busy_machine_is_asked_again(says, room: Class) -> None:
    answers = iter([answering("429 Too Many Requests"), answering("503 x"), answering()])
    stub = Stub(room.identity, lambda link, sent: next(answers)(link, sent))
    member(replace(room.code(), port=stub.port))
    says(Right(RIGHT))
    check("01.2")
    eventually(lambda: reporting.state() == reporting.State(1, 0, ""), "the third answer")
    bodies = [sent.partition(b"\r\n\r\n")[2] for sent in stub.heard]
    assert len({contract.read(body).events[0].id for body in bodies}) == 1
    stub.close()


def test_what_an_older_course_does_not_know_costs_nothing_else(says, room: Class) -> None:
    def older(link, sent: bytes) -> None:
        report = contract.read(sent.partition(b"\r\n\r\n")[2])
        unknown = any(event.message == RIGHT for event in report.events)
        answering("400 Bad Request" if unknown else "200 OK")(link, sent)

    member(room.code())
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    eventually(lambda: reporting.state().trouble, "a failed try")
    for found in (Right(RIGHT), Wrong(MISSING, name=NAME)):
        says(found)
        check("01.2")
    stub = Stub(room.identity, older)
    member(replace(room.code(), port=stub.port))
    eventually(lambda: reporting.state() == reporting.State(2, 0, ""), "the two that it knows")
    stub.close()


def test_who_leaves_takes_back_what_waits(says, room: Class) -> None:
    member(room.code())
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    eventually(lambda: reporting.state().trouble, "a failed try")
    exercises.leave()
    with serving(room):
        eventually(lambda: reporting.state().waiting == 0, "an empty queue")
        exercises.join("Ada", str(room.code()))
        check("01.2")
        eventually(lambda: tries(room) == 1, "the verdict after joining again")


def test_an_answer_that_got_lost_counts_once(room: Class) -> None:
    """Killed between keeping and answering, for example: the same report comes again."""
    event = contract.Event("0" * 16, "01.2", False, MISSING, 0.0)
    report = contract.Report("Ada", "a" * 32, (event,)).write()
    with serving(room):
        assert sending.post(room.code(), "/report", report).status == 200
    with serving(room):
        assert sending.post(room.code(), "/report", report).status == 200
    assert tries(room) == 1


def test_a_killed_view_knows_everything_when_it_is_back(says, home: Path) -> None:
    room = classes.open_("kill")
    exercise = iter((MISSING, "lesson01.ex2.no_image", "lesson01.ex2.not_added"))
    first = _command(home)
    try:
        exercises.join("Ada", str(room.code()))
        says(Wrong(next(exercise), name=NAME))
        check("01.2")
        eventually(lambda: tries(room) == 1, "the first verdict")
        first.send_signal(signal.SIGKILL)
        first.wait(20)
        says(Wrong(next(exercise), name=NAME))
        check("01.2")
        eventually(lambda: reporting.state().trouble == "unreachable", "a failed try")
        second = _command(home)
        try:
            eventually(lambda: tries(room) == 2, "what was told meanwhile")
            assert len(overview(room).learners) == 1
        finally:
            second.terminate()
            assert second.wait(20) == 0
    finally:
        first.kill()
        first.wait(20)


def _command(home: Path) -> subprocess.Popen:
    """Start the command, and wait until it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "helpers", "class", "view", "--name", "kill", "--language", "en"],
        cwd=ROOT, env={**os.environ, "LAYER_BY_LAYER_HOME": str(home)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if "Learners" in line:
            break
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return process


def test_another_class_does_not_hear_what_was_before(says, room: Class) -> None:
    other = classes.open_("other")
    member(room.code())
    says(Wrong(MISSING, name=NAME))
    check("01.2")
    eventually(lambda: reporting.state().trouble, "a failed try")
    with serving(other):
        exercises.join("Ada", str(other.code()))
        says(Right(RIGHT))
        check("01.2")
        eventually(lambda: tries(other) == 1, "the verdict")
    assert [one.right for one in overview(other).standings] == [True]
    assert overview(room).learners == ()
