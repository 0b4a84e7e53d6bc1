"""The programs of the course's own cluster: built once for all tests."""

from __future__ import annotations

from pathlib import Path

from helpers.kubernetes import building

BUILT = 1800  # seconds: 5 minutes of two idle cores, at low priority beside all other tests


def programs() -> Path:
    """Return the cluster's programs; built first where they are missing."""
    return building.begin().wait(BUILT)
