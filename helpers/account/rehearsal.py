"""The sign-up without AWS: a page is looked at, a code is made up, and all of it is forgotten.

Nothing is kept here but the codes that were made up, each with a fingerprint of the address that
it is for; what was typed stays in the page of the browser and comes here only to be looked at.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping

from ..messages import text
from .checking import check, wrong
from .fields import FIELDS, PAGES

__all__ = ["Rehearsal"]

DIGITS = 6


class Rehearsal:
    """One learner's way through the twelve pages."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._sent: dict[str, tuple[bytes, str]] = {}

    def send(self, field: str, values: Mapping[str, str]) -> tuple[str, str]:
        """Make up the code that would be sent, and return it; or "" and why none would be.

        Parameters
        ----------
        field: of kind ``code``.
        values: what is typed so far.
        """
        to = FIELDS[field].to
        verdict = check(to, values.get(to, ""))
        if not verdict.ok:
            self._sent.pop(field, None)
            return "", verdict.reason
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        self._sent[field] = (self._print(values[to]), code)
        return code, ""

    def look(self, number: int, values: Mapping[str, str]) -> dict[str, str]:
        """Return what is wrong on a page (0 to 11): field → reason; empty if it may be left.

        Parameters
        ----------
        values: what is typed so far, on all pages.
        """
        page = PAGES[number]
        found = wrong(page, values)
        for one in page.fields:
            if one.kind != "code":
                continue
            if one.id not in self._sent:
                found[one.id] = text("account.wrong.no_code")
            elif one.id not in found and not self._right(one.id, values):
                found[one.id] = text("account.wrong.other_code")
        return found

    def forget(self) -> None:
        """Forget the codes."""
        self._sent.clear()

    def _right(self, field: str, values: Mapping[str, str]) -> bool:
        wanted = (self._print(values.get(FIELDS[field].to, "")), values.get(field, "").strip())
        return self._sent.get(field) == wanted

    def _print(self, address: str) -> bytes:
        return hashlib.blake2b(
            address.strip().encode("utf-8", "replace"), key=self._salt, digest_size=16
        ).digest()
