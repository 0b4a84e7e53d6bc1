"""Signing in: against the roster, and the slower the more often it went wrong."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from jupyterhub.auth import Authenticator
from traitlets import Unicode

from ..roster import Roster

PATIENCE = 5  # wrong tries of one user before they are made to wait
LONGEST = 60  # seconds


class RosterAuthenticator(Authenticator):
    """Lets those on the class's roster in, each with a passphrase of their own."""

    folder = Unicode(help="the class's folder, in which the roster lies").tag(config=True)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._wrong: dict[str, tuple[int, float]] = {}

    async def authenticate(self, handler: object, data: dict[str, str]) -> str | None:
        """Return the user's name, None for a wrong passphrase or after too many of them."""
        user, passphrase = data.get("username", "").strip().lower(), data.get("password", "")
        roster = Roster(Path(self.folder))
        count, last = self._wrong.get(user, (0, 0.0))
        if count >= PATIENCE and time.monotonic() < last + _pause(count):
            return None
        # bcrypt takes its time; the hub must go on meanwhile
        right = await asyncio.to_thread(roster.knows, user, passphrase)
        if right:
            self._wrong.pop(user, None)
            return user
        if user in roster.people():  # who guesses names must not fill the memory
            self._wrong[user] = (count + 1, time.monotonic())
        return None


def _pause(count: int) -> float:
    return min(LONGEST, 2.0 ** (count - PATIENCE))
