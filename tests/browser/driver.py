"""Playwright's driver: one for all browsers that are open in a process at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Playwright, sync_playwright

_running: list[Playwright] = []  # one for each user; all the same


@contextlib.contextmanager
def driver() -> Iterator[Playwright]:
    """Yield the driver that runs, or start one; the last to leave ends it.

    A second one cannot be started in a thread while the first runs there: its event loop does. Two
    lessons that happen to be visited by one worker are open together until their module ends.
    """
    _running.append(_running[-1] if _running else sync_playwright().start())
    try:
        yield _running[-1]
    finally:
        found = _running.pop()
        if not _running:
            found.stop()
