"""What a command wrote, as text that is safe to print."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterable
from typing import Any

from docker.utils.socket import frames_iter

from ..messages import text
from ..text import plain

__all__ = ["attached", "short", "whole"]

MOST = 200_000  # characters of output that are kept


def whole(chunks: Iterable[bytes], *, drain: bool = False) -> str:
    """Return output as text that is safe to print, its end cut off if it is very long.

    ``drain`` reads the rest all the same: a writer that nobody listens to would never end.
    """
    kept, size = [], 0
    for chunk in chunks:
        if size <= MOST:
            kept.append(chunk)
        elif not drain:
            break
        size += len(chunk)
    output = plain(b"".join(kept)[:MOST].decode(errors="replace"))
    return output if size <= MOST else f"{output}\n{text('containers.cut', count=MOST)}\n"


def attached(stream: Any, limit: float) -> str:
    """Read what a command writes until it ends; the connection is cut after ``limit`` seconds.

    The SDK waits for ever for the next output, whatever its timeout.
    """
    late = threading.Event()

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError):
            getattr(stream, "_sock", stream).shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(limit, cut)
    watch.start()
    try:
        output = whole((chunk for _, chunk in frames_iter(stream, tty=False)), drain=True)
    finally:
        watch.cancel()
        stream.close()
    if late.is_set():
        raise TimeoutError
    return output


def short(reason: str) -> str:
    """Return the last link of a chain of errors: each engine adds others before it."""
    last = reason[reason.rfind(': exec: "') + 2 :] if ': exec: "' in reason else reason
    return last.strip().removesuffix(": unknown")
