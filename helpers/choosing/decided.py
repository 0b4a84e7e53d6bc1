"""A decision that was made, written down so that a check can look at it."""

from __future__ import annotations

import json

from ..engine import Engine, connect, journal
from ..errors import NotFound
from .judging import choose
from .model import PLATFORMS, Choice

__all__ = ["decide", "decision", "forget"]

KIND, LESSON = "decision", "17"


def decide(platform: str, *, engine: Engine | None = None, **answers: str) -> Choice:
    """Decide for a platform, with the answers that lead there; return what these mean.

    Parameters
    ----------
    platform: ``"swarm"``, …
    **answers: as for `choose`.

    Raises
    ------
    NotFound: no such platform, question or answer.
    """
    if platform not in PLATFORMS:
        raise NotFound("capstone.no_platform", name=platform, known=", ".join(PLATFORMS))
    found = choose(**answers)
    engine = engine or connect()
    forget(engine)
    said = json.dumps({"platform": platform, "answers": dict(found.answers)})
    journal.record(KIND, said, engine, LESSON)
    return found


def decision(engine: Engine) -> tuple[str, Choice] | None:
    """Return what was decided, and what its answers mean; None if nothing was."""
    rows = journal.entries(engine, KIND)
    if not rows:
        return None
    said = json.loads(rows[-1].id)
    try:
        return said["platform"], choose(**said["answers"])
    except NotFound:  # of an older version of the course
        return None


def forget(engine: Engine) -> None:
    """Forget what was decided."""
    journal.forget(journal.entries(engine, KIND))
