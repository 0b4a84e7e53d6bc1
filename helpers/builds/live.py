"""The steps of a build while it runs: in a terminal one line, in JupyterLab a list that goes again.

Nothing is shown of a build that is done in less than a second, nor where nobody looks: a notebook
that is executed by a test must give the same output each time.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from ..messages import text
from ..text import escape, plain
from .rawjson import Vertex

__all__ = ["Live", "listening"]

PATIENCE = 0.8  # seconds before anything is shown
PAUSE = 0.15  # seconds between two pictures
LINES = 6  # of a step's output
WIDTH = 110
_listeners: list[Callable[[object], None]] = []


class listening:
    """Call ``function`` with each step's news while a ``with`` block runs (a widget does this)."""

    def __init__(self, function: Callable[[object], None]) -> None:
        self._function = function

    def __enter__(self) -> None:
        _listeners.append(self._function)

    def __exit__(self, *_: object) -> None:
        _listeners.remove(self._function)


class Live:
    """Shows the state of a build; used as a context manager around it."""

    def __init__(self) -> None:
        self._began = self._drawn = time.monotonic()
        self._seen: dict[str, Any] = {}
        self._handle: Any = None
        self._line = False

    def __enter__(self) -> Live:
        return self

    def tell(self, news: Any) -> None:
        """Take note of a step (a `Vertex`, or a step of the classic builder)."""
        for listener in _listeners:
            listener(news)
        name = getattr(news, "name", None) or f"{getattr(news, 'number', '')}"
        self._seen[name] = news
        now = time.monotonic()
        if now - self._began < PATIENCE or now - self._drawn < PAUSE or _listeners:
            return
        self._drawn = now
        if os.environ.get("JPY_SESSION_NAME"):
            self._show()
        elif sys.stderr.isatty():
            self._line = True
            sys.stderr.write(f"\r\x1b[K{self._now()[:WIDTH]}")
            sys.stderr.flush()

    def __exit__(self, *_: object) -> None:
        if self._line:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)

    def _running(self) -> list[Vertex]:
        return [
            one
            for one in self._seen.values()
            if isinstance(one, Vertex) and one.place and one.started is not None
            and one.completed is None
        ]  # fmt: skip

    def _now(self) -> str:
        done = sum(isinstance(v, Vertex) and v.completed is not None for v in self._seen.values())
        names = ", ".join(one.name for one in self._running()) or "…"
        return plain(text("builds.live", done=done, names=names))

    def _show(self) -> None:
        from IPython.display import display

        rows = [escape(self._now())]
        for one in self._running():
            rows += [f"  {escape(row[:WIDTH])}" for row in one.text.splitlines()[-LINES:]]
        html = {"text/html": f"<pre>{chr(10).join(rows)}</pre>", "text/plain": rows[0]}
        if self._handle is None:
            self._handle = display(html, raw=True, display_id=True)
        else:
            self._handle.update(html, raw=True)
