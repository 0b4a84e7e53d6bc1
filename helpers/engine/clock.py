"""The daemon's clock, which need not be this machine's: the times it tells, as numbers."""

from __future__ import annotations

import re
from datetime import datetime

from .connection import Engine
from .patience import patient

__all__ = ["moment", "now"]

ANSWER = 60  # seconds for the daemon to answer


def moment(told: str) -> float:
    """Return seconds since 1970 out of the engine's ``2026-11-25T03:16:18.114445841Z``."""
    head, _, zone = told.partition(".")
    if not zone:
        return datetime.fromisoformat(told.replace("Z", "+00:00")).timestamp()
    digits = re.match(r"\d+", zone)[0]  # type: ignore[index]
    offset = zone[len(digits) :].replace("Z", "+00:00")
    return datetime.fromisoformat(head + offset).timestamp() + float(f"0.{digits}")


def now(engine: Engine) -> float:
    """Return the time by the engine's clock, in seconds since 1970.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    with patient(engine, ANSWER) as api:
        return moment(api.info()["SystemTime"])
