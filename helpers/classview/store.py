"""What a class was told, in one SQLite file: sums for each learner and exercise, no history."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from ..errors import ClassFailed, NoSpace, NotWritable
from .contract import Event, Report
from .model import Learner, Overview, Standing

__all__ = ["Store"]

MOST_LEARNERS = 200  # of a class
_REMEMBERED = 500  # event ids of a learner; a kernel has at most 200 that it may send again
_FORMAT = 1
_TABLES = """
CREATE TABLE learner (
    number INTEGER PRIMARY KEY AUTOINCREMENT, seat TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL, joined REAL NOT NULL, heard REAL NOT NULL);
CREATE TABLE standing (
    learner INTEGER NOT NULL REFERENCES learner ON DELETE CASCADE, exercise TEXT NOT NULL,
    tries INTEGER NOT NULL, right INTEGER NOT NULL, through REAL, first REAL NOT NULL,
    last REAL NOT NULL, message TEXT NOT NULL, same INTEGER NOT NULL, since REAL NOT NULL,
    PRIMARY KEY (learner, exercise));
CREATE TABLE received (
    number INTEGER PRIMARY KEY, learner INTEGER NOT NULL REFERENCES learner ON DELETE CASCADE,
    event TEXT NOT NULL, UNIQUE (learner, event));
"""


class Store:
    """The file of one class, readable by its owner only.

    A file that is damaged is set aside beside it (``class.damaged-1.sqlite3``), and a new one is
    begun; ``aside`` is where it lies then.

    Raises
    ------
    NotWritable, NoSpace: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.aside: Path | None = None
        self.changes = 0  # grows with everything that is kept
        try:
            self._db = _opened(path)
        except sqlite3.OperationalError as error:
            raise NotWritable("errors.not_writable", folder=path.parent, reason=error) from None
        except sqlite3.DatabaseError:
            self.aside = _set_aside(path)
            self._db = _opened(path)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def hear(self, report: Report, now: float) -> int:
        """Keep a report, all of it or nothing, and return how many of its events were new.

        Raises
        ------
        ClassFailed: the class is full.
        NoSpace: the disk is.
        """
        try:
            with self._db:
                learner = self._learner(report, now)
                new = [event for event in report.events if self._first_time(learner, event.id)]
                for event in new:
                    self._count(learner, event, now - event.ago)
                self._db.execute(
                    "DELETE FROM received WHERE learner = ? AND number NOT IN (SELECT number FROM"
                    " received WHERE learner = ? ORDER BY number DESC LIMIT ?)",
                    (learner, learner, _REMEMBERED),
                )
        except sqlite3.OperationalError:
            raise NoSpace("errors.no_space", folder="class.sqlite3") from None
        self.changes += 1
        return len(new)

    def erase(self, seat: str) -> bool:
        """Remove all that a learner told; return whether there was anything."""
        with self._db:
            found = self._db.execute("DELETE FROM learner WHERE seat = ?", (seat,)).rowcount
        self.changes += 1
        return found > 0

    def overview(self, name: str, now: float) -> Overview:
        """Return the class as it is."""
        learners = self._db.execute("SELECT number, name, joined, heard FROM learner ORDER BY 1")
        standings = self._db.execute(
            "SELECT learner, exercise, tries, right, through, first, last, message, same, since"
            " FROM standing ORDER BY learner, exercise"
        )
        return Overview(
            name,
            now,
            tuple(Learner(*row) for row in learners),
            tuple(Standing(*row[:3], bool(row[3]), *row[4:]) for row in standings),
        )

    def _learner(self, report: Report, now: float) -> int:
        found = self._db.execute("SELECT number FROM learner WHERE seat = ?", (report.seat,))
        if row := found.fetchone():
            self._db.execute(
                "UPDATE learner SET name = ?, heard = ? WHERE number = ?", (report.name, now, *row)
            )
            return row[0]
        count = self._db.execute("SELECT count(*) FROM learner").fetchone()[0]
        if count >= MOST_LEARNERS:
            raise ClassFailed("classview.full")
        new = (report.seat, report.name, now, now)
        return self._db.execute(
            "INSERT INTO learner (seat, name, joined, heard) VALUES (?, ?, ?, ?)", new
        ).lastrowid

    def _first_time(self, learner: int, event: str) -> bool:
        return self._db.execute(
            "INSERT OR IGNORE INTO received (learner, event) VALUES (?, ?)", (learner, event)
        ).rowcount > 0  # fmt: skip

    def _count(self, learner: int, event: Event, at: float) -> None:
        through = at if event.right else None
        new = (learner, event.exercise, event.right, through, at, at, event.message, at)
        found = self._db.execute(
            "INSERT OR IGNORE INTO standing (learner, exercise, tries, right, through, first, last,"
            " message, same, since) VALUES (?, ?, 1, ?, ?, ?, ?, ?, 1, ?)",
            new,
        )
        if found.rowcount:
            return
        place = {"at": at, "right": event.right, "message": event.message, "through": through}
        place |= {"learner": learner, "exercise": event.exercise}
        where = "WHERE learner = :learner AND exercise = :exercise"
        # Kernels of one learner may be heard out of turn: what is older says nothing about now.
        self._db.execute(
            "UPDATE standing SET since = CASE WHEN message = :message THEN since ELSE :at END,"
            " same = CASE WHEN message = :message THEN same + 1 ELSE 1 END,"
            f" right = :right, message = :message, last = :at {where} AND last <= :at",
            place,
        )
        self._db.execute(
            "UPDATE standing SET tries = tries + 1, first = min(first, :at),"
            f" through = min(coalesce(through, :through), coalesce(:through, through)) {where}",
            place,
        )


def _opened(path: Path) -> sqlite3.Connection:
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite would follow the umask
    except OSError as error:
        reason = error.strerror
        raise NotWritable("errors.not_writable", folder=path.parent, reason=reason) from None
    path.chmod(0o600)
    found = sqlite3.connect(path, timeout=5)
    try:
        if found.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("quick_check")
        found.execute("PRAGMA foreign_keys = ON")
        found.execute("PRAGMA synchronous = NORMAL")  # a killed process loses nothing
        found.execute("PRAGMA secure_delete = ON")  # an erased name is not left in free pages
        form = found.execute("PRAGMA user_version").fetchone()[0]
        if form == 0:
            found.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_FORMAT}; COMMIT;")
        elif form != _FORMAT:
            raise sqlite3.DatabaseError(f"format {form}")
    except sqlite3.Error:
        found.close()
        raise
    return found


def _set_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    path.replace(aside)
    with contextlib.suppress(FileNotFoundError):  # of a write that was cut off
        path.with_name(f"{path.name}-journal").unlink()
    return aside
