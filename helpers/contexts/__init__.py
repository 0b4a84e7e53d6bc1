"""Build contexts: what a build is sent, what a COPY takes of it, and what an edit would change."""

from __future__ import annotations

from .ignore import Ignore
from .listing import Entry
from .snapshots import Snapshot, snapshot, warnings

__all__ = ["Entry", "Ignore", "Snapshot", "snapshot", "warnings"]
