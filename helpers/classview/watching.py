"""Serve a class until Ctrl-C, and print it again when it changes."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import sys
import time

from ..messages import text
from . import classes, terminal
from .classes import Class
from .model import Overview
from .receiver import LOOPBACK, Receiver
from .store import Store

__all__ = ["LOOPBACK", "look", "once", "serve"]

_GAP = 1.0  # seconds between two looks at whether something changed
_MINUTE = 60.0  # seconds; then what stands there about times is wrong
_CLEAR = "\x1b[H\x1b[2J"  # ECMA-48: cursor home, erase the page


def look(found: Class) -> Overview:
    """Return a class as it is kept, whether its view is running or not."""
    store = _opened(found)
    try:
        return store.overview(found.name, time.time())
    finally:
        store.close()


def once(found: Class, *, names: bool) -> str:
    """Return the table as it is now."""
    return terminal.draw(look(found), names=names)


def serve(found: Class, addresses: tuple[str, ...], *, names: bool) -> None:
    """Listen until Ctrl-C or SIGTERM.

    Raises
    ------
    ClassFailed: the class is served already, an address or a port cannot be used.
    """
    with classes.alone(found):
        found = classes.settled(found)
        store = _opened(found)
        try:
            asyncio.run(_serve(Receiver(found, store, addresses), names))
        finally:
            store.close()


def _opened(found: Class) -> Store:
    store = Store(found.store)
    if store.aside:
        print(text("classview.set_aside", file=store.aside), file=sys.stderr, flush=True)
    return store


async def _serve(receiver: Receiver, names: bool) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        with contextlib.suppress(NotImplementedError):  # Windows: KeyboardInterrupt ends it
            loop.add_signal_handler(getattr(signal, name), ended.set)
    receiver.start()
    try:
        await _print(receiver, names, ended)
    finally:
        await receiver.stop()


async def _print(receiver: Receiver, names: bool, ended: asyncio.Event) -> None:
    """Print the class whenever it changed; in a terminal over what was there, and each minute."""
    screen = sys.stdout.isatty()
    head = "\n".join(
        [
            text("classview.view_at", url=receiver.url),
            *(text("classview.join_with", code=receiver.found.code(a)) for a in receiver.addresses),
            text("classview.how_to_end"),
        ]
    )
    if not screen:
        print(head, flush=True)
    seen, drawn = -1, 0.0
    while not ended.is_set():
        late = screen and time.monotonic() - drawn > _MINUTE
        if seen != receiver.store.changes or late:
            seen, drawn = receiver.store.changes, time.monotonic()
            overview = receiver.store.overview(receiver.found.name, time.time())
            table = terminal.draw(overview, names=names)
            if screen:
                height = shutil.get_terminal_size().lines - 1
                table = _CLEAR + terminal.fitted(f"{head}\n\n{table}", height)
            print(table if screen else f"\n{table}", flush=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _GAP)
