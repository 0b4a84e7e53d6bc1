"""BuildKit's progress as buildx writes it with ``--progress=rawjson``: one JSON object a line.

Vertices (steps) are told again whenever something about them changes. Lines that are no JSON are
the client's own words, errors above all. The format: client/graph.go of BuildKit, and
https://docs.docker.com/reference/cli/docker/buildx/build/#progress.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import orjson

__all__ = ["Progress", "Vertex"]

LOG_LINES = 2_000  # of a step that are kept: the last ones
LOG_BYTES = 1_000_000
WORDS = 2_000  # lines of the client's own that are kept
WIDTH = 10_000  # bytes of one of them: the last ones
KEYS = {"vertexes", "logs", "statuses", "warnings"}
_TIME = re.compile(rb"\.(\d{6})\d*")


@dataclass
class Vertex:
    """One step as BuildKit tells it.

    ``place`` is ``("build", 3)`` for ``[build 3/5] …``, None for what is not in the Dockerfile.
    Times are seconds since the first one that was told.
    """

    digest: str
    name: str = ""
    inputs: tuple[str, ...] = ()
    started: float | None = None
    completed: float | None = None
    cached: bool = False
    error: str = ""
    log: deque[bytes] = field(default_factory=deque)
    log_size: int = 0

    @property
    def place(self) -> tuple[str, int] | None:
        match = re.match(r"\[(?:[\w/]+ (?=\S+ +\d+/))?(?:(\S+) )? *(\d+)/\d+\] ", self.name)
        return (match[1] or "", int(match[2])) if match else None

    @property
    def words(self) -> str:
        """The step's text behind its place."""
        return self.name.partition("] ")[2]

    @property
    def text(self) -> str:
        """What the step wrote, the end of it if it wrote very much."""
        return b"".join(self.log).decode(errors="replace")


class Progress:
    """Reads lines, keeps what they tell.

    Parameters
    ----------
    tell: called with a vertex whenever its state changed; must not raise.
    """

    def __init__(self, tell: Callable[[Vertex], None] = lambda vertex: None) -> None:
        self.vertices: dict[str, Vertex] = {}
        self.words: deque[str] = deque(maxlen=WORDS)
        self._tell = tell
        self._zero: float | None = None
        self._end = 0.0

    @property
    def seconds(self) -> float:
        """From the first time that was told to the last."""
        return self._end

    def feed(self, line: bytes) -> None:
        """Read one line; anything may stand in it."""
        while line:
            line = self._part(line)

    def _part(self, line: bytes) -> bytes:
        """Read a line up to the end of its first object; return what is left of it."""
        at = line.find(b"{")
        told, rest = _first(line[at:]) if at >= 0 else (None, b"")
        if not isinstance(told, dict) or not told.keys() & KEYS:
            self._say(line)
            return b""
        # an error without a line feed: before the object, or right behind it
        self._say(line[:at])
        for one in _objects(told, "vertexes"):
            self._vertex(one)
        for one in _objects(told, "logs"):
            self._log(one)
        return rest

    def _say(self, line: bytes) -> None:
        text = line[-WIDTH:].decode(errors="replace").rstrip("\n")
        if text.strip():
            self.words.append(text)

    def _vertex(self, told: dict) -> None:
        name = told.get("digest")
        if not isinstance(name, str):
            return
        vertex = self.vertices.setdefault(name, Vertex(name))
        before = vertex.started, vertex.completed, vertex.cached
        vertex.name = str(told.get("name") or vertex.name)
        inputs = told.get("inputs")
        if isinstance(inputs, list) and all(isinstance(one, str) for one in inputs):
            vertex.inputs = tuple(inputs) or vertex.inputs
        vertex.started = self._time(told.get("started"), vertex.started)
        vertex.completed = self._time(told.get("completed"), vertex.completed)
        vertex.cached = bool(told.get("cached")) or vertex.cached
        vertex.error = str(told.get("error") or vertex.error)
        if (vertex.started, vertex.completed, vertex.cached) != before:
            self._tell(vertex)

    def _log(self, told: dict) -> None:
        name = told.get("vertex")
        vertex = self.vertices.get(name) if isinstance(name, str) else None
        with contextlib.suppress(binascii.Error, TypeError, ValueError):
            data = base64.b64decode(told.get("data") or "", validate=True)[-LOG_BYTES:]
            if vertex is None or not data:
                return
            vertex.log.append(data)
            vertex.log_size += len(data)
            while len(vertex.log) > 1 and (
                vertex.log_size > LOG_BYTES or len(vertex.log) > LOG_LINES
            ):
                vertex.log_size -= len(vertex.log.popleft())
            self._tell(vertex)

    def _time(self, told: object, otherwise: float | None) -> float | None:
        if not isinstance(told, str):
            return otherwise
        cleaned = _TIME.sub(rb".\1", told.encode()).decode()
        try:
            seconds = datetime.fromisoformat(cleaned.replace("Z", "+00:00")).timestamp()
        except ValueError:
            return otherwise
        if self._zero is None:
            self._zero = seconds
        self._end = max(self._end, seconds - self._zero)
        return seconds - self._zero


def _first(line: bytes) -> tuple[object, bytes]:
    """Return the object that a line begins with, and the rest; None if there is none."""
    with contextlib.suppress(orjson.JSONDecodeError):
        return orjson.loads(line), b""
    text = line.decode(errors="replace")
    try:
        found, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None, b""
    return found, text[end:].encode(errors="replace")


def _objects(told: dict, key: str) -> list[dict]:
    found = told.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
