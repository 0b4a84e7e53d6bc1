"""Suggestions for a better Dockerfile or ``.dockerignore``, found without building.

Each is a `Draft`: a changed copy of files, not measured yet (`helpers.builds.measuring` does that).
A finder only speaks where it can tell what the steps in question need.
"""

from __future__ import annotations

from collections.abc import Iterator

from . import litter, order, tidy, variables
from .draft import Change, Draft
from .sight import Sight

__all__ = ["Change", "Draft", "Sight", "find"]


def find(sight: Sight) -> Iterator[Draft]:
    """Yield the suggestions that a look at Dockerfile and context gives."""
    for finder in (order, variables, litter, tidy):
        yield from finder.find(sight)
