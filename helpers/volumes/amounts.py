"""Sizes as they stand behind ``size=``: ``1m`` is 1,048,576 bytes (tmpfs(5))."""

from __future__ import annotations

import re

from ..errors import VolumeFailed

__all__ = ["amount"]

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def amount(given: str) -> int:
    """Return how many bytes ``"512k"``, ``"1m"`` or ``"1048576"`` are.

    Raises
    ------
    VolumeFailed: it is none of these, or nothing at all.
    """
    form = re.fullmatch(r"(\d{1,12})([kmg]?)", given.strip().lower())
    if not form or not int(form[1]):
        raise VolumeFailed("volumes.bad_size", size=given)
    return int(form[1]) * UNITS[form[2]]
