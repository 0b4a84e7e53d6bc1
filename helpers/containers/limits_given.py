"""Read the limits and the restart policy that a learner gives; say what is wrong with them."""

from __future__ import annotations

import math
import re
from typing import Any

from ..errors import ContainerFailed

__all__ = ["LEAST_MEMORY", "cpus_of", "memory_of", "pids_of", "policy_of"]

LEAST_MEMORY = 6 << 20  # bytes; Docker refuses less
LEAST_CPUS = 0.01
UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([bkmgt]?)(?:i?b)?", re.IGNORECASE)
POLICY = re.compile(r"(no|always|unless-stopped|on-failure)(?::(\d+))?")


def memory_of(given: str | None) -> int | None:
    """Return bytes out of ``"32m"``, in powers of 1024 as Docker reads it.

    Raises
    ------
    ContainerFailed: it is no size, or less than the 6 MiB that Docker asks for.
    """
    if given is None:
        return None
    form = SIZE.fullmatch(str(given).strip())
    if not form:
        raise ContainerFailed("containers.bad_memory", given=given)
    count = int(float(form[1]) * UNITS[form[2].lower()])
    if count < LEAST_MEMORY:
        raise ContainerFailed("containers.little_memory", given=given)
    return count


def cpus_of(given: float | None) -> int | None:
    """Return billionths of a CPU out of ``0.5``.

    Raises
    ------
    ContainerFailed: it is no number, or less than 0.01.
    """
    if given is None:
        return None
    try:
        count = float(given)
    except (TypeError, ValueError):
        count = math.nan
    if not math.isfinite(count) or count < LEAST_CPUS:
        raise ContainerFailed("containers.bad_cpus", given=given)
    return round(count * 1_000_000_000)


def pids_of(given: int | None) -> int | None:
    """Return the number of processes; ``-1`` is no limit.

    Raises
    ------
    ContainerFailed: it is no whole number, or 0.
    """
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given == 0 or given < -1:
        raise ContainerFailed("containers.bad_pids", given=given)
    return given


def policy_of(given: str | None) -> dict[str, Any] | None:
    """Return a restart policy as the API has it.

    Raises
    ------
    ContainerFailed: there is no such policy, or a count where none belongs.
    """
    if given is None:
        return None
    form = POLICY.fullmatch(given)
    if not form or (form[2] and form[1] != "on-failure"):
        raise ContainerFailed("containers.bad_restart", given=given)
    return {"Name": form[1], "MaximumRetryCount": int(form[2] or 0)}
