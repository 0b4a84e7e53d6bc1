"""Remove the servers of a lesson, wherever they were made."""

from __future__ import annotations

from ..engine import Engine, Private, connect
from ..engine.cleanup import clean
from ..engine.private import reasons_against

__all__ = ["leave"]


def leave(lesson: str = "07", engine: Engine | None = None) -> None:
    """Remove the servers of a lesson from the engine that they were made on, and print nothing.

    `helpers.engine.cleanup.clean` does it where that is also the engine that `connect` finds.
    """
    engine = engine or connect()
    other = None if engine.private or reasons_against() else Private()
    if other and other.running:
        clean(connect(other.url), lesson)
