"""Thirty learners join and check at once, on real sockets."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from helpers.classview import contract, sending
from helpers.classview.classes import Class
from helpers.classview.receiver import Receiver

from .conftest import overview, tries

MESSAGES = ("lesson01.ex2.missing", "lesson01.ex2.not_added", "lesson01.ex2.right")


def test_thirty_at_once(receiver: Receiver, room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_STEP", 30)  # all thirty, and the class, share this machine
    code = room.code()

    def learner(number: int) -> list[int]:
        name, seat = f"Learner-{number}", secrets.token_hex(16)
        found = [sending.post(code, "/report", contract.Report(name, seat).write(), 30).status]
        for message in MESSAGES:
            event = contract.Event(
                secrets.token_hex(8), "01.2", message.endswith("right"), message, 0
            )
            body = contract.Report(name, seat, (event,)).write()
            found.append(sending.post(code, "/report", body, 30).status)
        return found

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(learner, range(30)))
    assert answers == [[200] * 4] * 30
    found = overview(room)
    assert {one.name for one in found.learners} == {f"Learner-{n}" for n in range(30)}
    assert tries(room) == 90
    assert {(one.tries, one.right, one.message) for one in found.standings} == {
        (3, True, MESSAGES[-1])
    }
