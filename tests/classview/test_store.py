"""What is kept: sums, each verdict once, through damage and restarts, and gone when erased."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from helpers.classview.contract import Event, Report
from helpers.classview.model import Overview
from helpers.classview.store import Store
from helpers.errors import ClassFailed, NotWritable

A, B, RIGHT = "lesson01.ex2.missing", "lesson01.ex2.not_added", "lesson01.ex2.right"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "class.sqlite3"


class Teller:
    """A learner whose verdicts are kept at times that a test chooses."""

    def __init__(self, store: Store, seat: str = "a" * 32, name: str = "Ada") -> None:
        self.store, self.seat, self.name, self.number = store, seat, name, 0

    def tell(self, message: str, at: float, now: float | None = None, exercise="01.2") -> int:
        self.number += 1
        now = at if now is None else now
        event = Event(f"{self.number:016x}", exercise, message == RIGHT, message, now - at)
        return self.store.hear(Report(self.name, self.seat, (event,)), now)


def seen(store: Store) -> Overview:
    return store.overview("main", 1000.0)


def test_tries_and_since_when_the_same_message(path: Path) -> None:
    ada = Teller(Store(path))
    for message, at in ((A, 10), (A, 20), (B, 30), (B, 40), (B, 50)):
        ada.tell(message, at)
    (one,) = seen(ada.store).standings
    assert (one.tries, one.message, one.same, one.since) == (5, B, 3, 30)
    assert (one.first, one.last, one.through, one.right) == (10, 50, None, False)


def test_who_was_through_stays_so(path: Path) -> None:
    ada = Teller(Store(path))
    for message, at in ((A, 10), (RIGHT, 20), (A, 30), (RIGHT, 40)):
        ada.tell(message, at)
    (one,) = seen(ada.store).standings
    assert (one.through, one.right, one.tries) == (20, True, 4)


def test_what_comes_late_says_nothing_about_now(path: Path) -> None:
    """Two notebooks of one learner: the queue of one was stuck for a while."""
    ada = Teller(Store(path))
    ada.tell(RIGHT, 100)
    ada.tell(A, 50, now=120)
    (one,) = seen(ada.store).standings
    assert (one.tries, one.right, one.message, one.first, one.last) == (2, True, RIGHT, 50, 100)
    ada.tell(RIGHT, 40, now=130)
    assert seen(ada.store).standings[0].through == 40


def test_an_event_counts_once(path: Path) -> None:
    store = Store(path)
    event = Event("0" * 16, "01.2", False, A, 0)
    report = Report("Ada", "a" * 32, (event, event))
    assert [store.hear(report, 10), store.hear(report, 11)] == [1, 0]
    assert store.hear(Report("Bob", "b" * 32, (event,)), 12) == 1, "another learner's"
    assert [one.tries for one in seen(store).standings] == [1, 1]


def test_remembered_ids_do_not_grow_without_end(path: Path) -> None:
    ada = Teller(Store(path))
    for number in range(12):
        events = tuple(Event(f"{number:08x}{n:08x}", "01.2", False, A, 0) for n in range(50))
        ada.store.hear(Report("Ada", "a" * 32, events), number)
    count = sqlite3.connect(path).execute("SELECT count(*) FROM received").fetchone()
    assert count == (500,)
    assert seen(ada.store).standings[0].tries == 600


def test_a_restart_forgets_nothing(path: Path) -> None:
    ada = Teller(Store(path))
    ada.tell(A, 10)
    before = seen(ada.store)
    ada.store.close()
    assert seen(Store(path)) == before


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_file_is_the_owner_s_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        Teller(Store(path)).tell(A, 10)
    finally:
        os.umask(before)
    modes = {place.name: stat.S_IMODE(place.stat().st_mode) for place in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}, modes
    path.chmod(0o644)
    Store(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["text", "middle", "cut", "format"])
def test_a_damaged_file_is_set_aside(path: Path, damage: str) -> None:
    full = Store(path)
    events = tuple(Event(f"{n:016x}", f"01.{n + 1}", False, A, 0) for n in range(50))
    full.hear(Report("Ada", "a" * 32, events), 10)
    full.close()
    content = path.read_bytes()
    broken = {
        "text": b"not a database at all" * 100,
        "middle": content[:4096] + b"\xff" * 4096 + content[8192:],
        "cut": content[: len(content) // 2],
        "format": content[:60] + (99).to_bytes(4, "big") + content[64:],  # user_version
    }[damage]
    path.write_bytes(broken)
    store = Store(path)
    assert store.aside == path.parent / "class.damaged-1.sqlite3"
    assert store.aside.read_bytes() == broken
    assert seen(store).learners == ()
    Teller(store).tell(A, 10)
    store.close()
    path.write_bytes(b"again")
    assert Store(path).aside.name == "class.damaged-2.sqlite3"


def test_what_is_erased_is_not_in_the_file(path: Path) -> None:
    store = Store(path)
    ada = Teller(store, name="SENTINEL-ADA")
    ada.tell(A, 10)
    Teller(store, "b" * 32, "Bob").tell(B, 10)
    assert b"SENTINEL-ADA" in path.read_bytes()
    assert store.erase("a" * 32)
    assert not store.erase("c" * 32)
    assert [one.name for one in seen(store).learners] == ["Bob"]
    assert [one.message for one in seen(store).standings] == [B]
    store.close()
    assert b"SENTINEL-ADA" not in path.read_bytes()
    assert b"a" * 32 not in path.read_bytes()


def test_a_report_is_kept_as_a_whole_or_not(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(path)
    real, calls = Store._count, []

    def fails_at_the_second(self: Store, *values: object) -> None:
        calls.append(values)
        if len(calls) == 2:
            raise ClassFailed("classview.full")
        real(self, *values)

    monkeypatch.setattr(Store, "_count", fails_at_the_second)
    events = tuple(Event(f"{n:016x}", "01.2", False, A, 0) for n in range(2))
    with pytest.raises(ClassFailed):
        store.hear(Report("Ada", "a" * 32, events), 10)
    assert (seen(store).learners, seen(store).standings) == ((), ())
    assert store.hear(Report("Ada", "a" * 32, events), 10) == 2


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotWritable):
        Store(tmp_path / "no" / "class.sqlite3")
