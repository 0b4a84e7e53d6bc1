"""Requests sent while something is changed."""

from __future__ import annotations

from collections.abc import Callable

from ..engine.patience import until
from ..healing.counting import count
from ..healing.model import Load
from ..healing.sending import Sender

__all__ = ["under_load"]

RATE = 8.0  # requests a second
BEFORE, AFTER = 10, 10  # requests that are answered before the change begins, and after its end
REPLIES = 120.0  # seconds for so many


def under_load(address: str, order: Callable[[], None], path: str = "/") -> Load:
    """Change something while requests come in, and return what became of them.

    Parameters
    ----------
    address: of a server on this machine.
    order: changes it, and returns when that has come to its end.
    """
    sender = Sender(address, RATE, path)
    sender.settle()
    with sender:
        _replies(sender, BEFORE)
        order()
        _replies(sender, len(sender.replies) + AFTER)
        seconds = sender.seconds
    return count(sender.replies, seconds=seconds)


def _replies(sender: Sender, number: int) -> None:
    until(lambda: len(sender.replies) >= number, REPLIES, "healing.waiting.replies", count=number)
