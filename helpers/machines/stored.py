"""The course's stored measurement: what is shown where no machine can run, and labelled so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .live import Reply
from .model import Board, Half

__all__ = ["FILE", "Recorded", "Stored", "load"]

FILE = Path(__file__).with_name("stored.json")


@dataclass(frozen=True)
class Stored:
    """A real measurement, made with `helpers.machines.recording` on the day ``date``.

    Attributes
    ----------
    where: the computer, without names or paths: ``2 cores x86_64, Linux 6.18``.
    half: the machine's half of `Beside`. starts: seconds of each start.
    replies: what commands wrote in it. last: its last words when it was brought down.
    """

    date: str
    where: str
    board: Board
    half: Half
    starts: tuple[float, ...]
    replies: dict[str, str]
    last: str


@cache
def load() -> Stored:
    """Return the stored measurement."""
    kept = json.loads(FILE.read_text("utf-8"))
    half = Half(**{**kept["half"], "seen": tuple(kept["half"]["seen"])})
    return Stored(
        kept["date"], kept["where"], Board(**kept["board"]), half,
        tuple(kept["starts"]), kept["replies"], kept["last"],
    )  # fmt: skip


class Recorded:
    """A machine that ran once, elsewhere: it answers what it was asked then."""

    def __init__(self) -> None:
        self.stored = load()
        self.board = self.stored.board
        self.seconds = self.stored.half.seconds

    def run(self, command: str, limit: float = 0) -> Reply:
        """Return the recorded reply; an empty one with exit code 127 to what was not asked."""
        found = self.stored.replies.get(command)
        return Reply(found or "", 127 if found is None else 0)

    def crash(self) -> str:
        return self.stored.last

    def stop(self) -> None:
        """Nothing runs."""
