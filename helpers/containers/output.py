"""What a command wrote, as text that is safe to print."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from ..messages import text
from ..text import plain

__all__ = ["attached", "short", "whole"]

MOST = 200_000  # characters of output that are kept
HEADER = struct.Struct(">BxxxL")  # stream and length: Docker Engine API, ContainerAttach


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

    The SDK waits for ever for the next output, whatever its timeout; and it loses what arrived
    together with the answer's headers, as it reads past the buffer that they were read through.

    Parameters
    ----------
    stream: what the SDK's ``exec_start(…, socket=True)`` returns.

    Raises
    ------
    TimeoutError: it had not ended in time.
    """
    late = threading.Event()

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError):
            getattr(stream, "_sock", stream).shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(limit, cut)
    watch.start()
    try:
        output = whole(_frames(stream._response.raw._fp.fp), drain=True)
    finally:
        watch.cancel()
        stream.close()
    if late.is_set():
        raise TimeoutError
    return output


def _frames(reader: Any) -> Iterator[bytes]:
    """Yield what was written to standard output and standard error, in the order it came."""
    while len(header := reader.read(HEADER.size)) == HEADER.size:
        _, left = HEADER.unpack(header)
        while left and (chunk := reader.read(min(left, 1 << 16))):
            left -= len(chunk)
            yield chunk


def short(reason: str) -> str:
    """Return the last link of a chain of errors: each engine adds others before it."""
    last = reason[reason.rfind(': exec: "') + 2 :] if ': exec: "' in reason else reason
    return last.strip().removesuffix(": unknown")
