"""Cores and bytes, as a stack file writes them."""

from __future__ import annotations

import re

__all__ = ["cpus_of", "memory_of"]

# docker/go-units, RAMInBytes: powers of 1024, whatever the unit is called
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


def cpus_of(value: object) -> float:
    """Return a number of cores; 0 for nothing and for what the client is to fill in (``${…}``)."""
    try:
        return float(str(value)) if value is not None else 0.0
    except ValueError:
        return 0.0


def memory_of(value: object) -> int:
    """Return ``32M`` in bytes; 0 for nothing and for what the client is to fill in (``${…}``)."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s?([bkmgtp]?)i?b?", str(value).lower())
    return int(float(found[1]) * _UNITS[found[2]]) if found else 0
