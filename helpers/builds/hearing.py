"""Collect what one thread prints, and leave what others print alone."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Iterator
from typing import TextIO

__all__ = ["heard"]


class _ByThread:
    """Standard output that keeps the lines of one thread."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.own = io.StringIO()
        self.thread: int | None = threading.get_ident()

    def write(self, written: str) -> int:
        mine = threading.get_ident() == self.thread
        return (self.own if mine else self.stream).write(written)

    def __getattr__(self, name: str) -> object:
        return getattr(self.stream, name)  # a kernel asks its own stream for more


@contextlib.contextmanager
def heard() -> Iterator[io.StringIO]:
    """Collect what this thread prints inside a ``with`` block.

    ``contextlib.redirect_stdout`` would take the output of every thread: a cell that runs while a
    build does in a thread would print into that build's words.
    """
    ours = _ByThread(sys.stdout)
    sys.stdout = ours
    try:
        yield ours.own
    finally:
        ours.thread = None  # from here on it passes everything through, should it still be in use
        if sys.stdout is ours:
            sys.stdout = ours.stream
