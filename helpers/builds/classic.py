"""Build with the classic builder, through the SDK: for machines without docker client or buildx."""

from __future__ import annotations

import contextlib
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import docker

from ..engine import Engine
from ..engine.patience import patient
from ..errors import BuildFailed, EngineLost, NoSpace, TimedOut
from ..text import plain
from .dockerfile import instructions
from .request import Request
from .syntax import check

__all__ = ["NAME", "Done", "Outcome", "build"]

NAME = "classic"
# What the builder says of its own containers, between the lines of a step's output.
SAID = (" ---> Running in", " ---> Removed intermediate", "Removing intermediate")
LOG = 1_000_000  # characters of a step's log that are kept


@dataclass
class Done:
    """One ``Step n/m``: ``number`` counts every instruction of the Dockerfile, from 1."""

    number: int
    started: float
    ended: float = 0.0
    cached: bool = False
    running: bool = False
    parts: deque[str] = field(default_factory=deque, repr=False)
    size: int = 0

    @property
    def log(self) -> str:
        """What its command wrote, the end of it if it wrote very much."""
        return "".join(self.parts)

    def write(self, text: str) -> None:
        """Append to the log, and drop what is too much at its begin."""
        self.parts.append(text[-LOG:])
        self.size += len(self.parts[-1])
        while self.size > LOG:
            self.size -= len(self.parts.popleft())


@dataclass(frozen=True)
class Outcome:
    """What the builder told: its steps, and the error if there was one."""

    steps: tuple[Done, ...]
    error: str = ""
    log: str = field(default="", repr=False)  # the last step's headline, and what it wrote

    @property
    def ok(self) -> bool:
        return not self.error


def build(
    engine: Engine,
    request: Request,
    tag: str,
    marks: dict[str, str],
    limit: float,
    *,
    meanwhile: Callable[[], None] = lambda: None,
    tell: Callable[[Done], None] = lambda step: None,
) -> Outcome:
    """Build, and return what the builder told, whether it succeeded or not.

    Parameters are those of `helpers.builds.buildkit.build`.

    Raises
    ------
    TimedOut: after ``limit`` seconds; closing the connection cancels the build.
    EngineLost: the daemon went away.
    NoSpace: its disk is full.
    BuildFailed: the request needs BuildKit.
    """
    for what, wanted in (("--secret", request.secrets), ("--cache-to", request.cache_to)):
        if wanted:
            raise BuildFailed("builds.needs_buildkit", what=what, folder=request.shown)
    meanwhile()
    try:
        _check(request)
    except BuildFailed as mistake:
        if mistake.key == "builds.needs_buildkit":
            raise
        where = f"dockerfile parse error on line {mistake.values.get('line')}: "
        reason = mistake.values["reason"]
        return Outcome((), f"{where}{reason}" if "line" in mistake.values else reason)
    began = time.monotonic()
    told = _Told(tell)
    error = ""
    with _in_time(began + limit, tag, limit), patient(engine, limit) as api:
        try:
            stream = api.build(
                path=str(request.folder), dockerfile=request.file, tag=tag, labels=marks or None,
                buildargs=dict(request.args) or None, target=request.target or "",
                nocache=request.no_cache, cache_from=list(request.cache_from) or None,
                rm=True, forcerm=True, decode=True, timeout=limit,
            )  # fmt: skip
            for event in stream:
                told.hear(plain(event.get("stream", "")), time.monotonic() - began)
                error = error or event.get("error", "")
                if time.monotonic() > began + limit:
                    break
        except docker.errors.APIError as refusal:  # a Dockerfile that cannot be parsed
            error = str(refusal.explanation)
    if "no space left on device" in error:
        raise NoSpace("engine.no_space")
    if told.steps:
        told.steps[-1].ended = time.monotonic() - began
    if "requires BuildKit" in error:
        what = re.search(r"--[\w-]+", error)
        raise BuildFailed(
            "builds.needs_buildkit", what=what[0] if what else "", folder=request.shown
        )
    last = told.steps[-1].log if told.steps else ""
    return Outcome(tuple(told.steps), error, f"{told.head}\n{last}")


def _check(request: Request) -> None:
    """Raise what the builder would say without a line, or not at all, before it is asked.

    A Dockerfile without a FROM makes it hang up; to it a here-document is no text, but a word.
    """
    check(request.dockerfile, request.shown)
    for step in instructions(request.dockerfile):
        if step.heredocs:
            what = f"<<{step.heredocs[0].name}"
            raise BuildFailed("builds.needs_buildkit", what=what, folder=request.shown)


class _Told:
    """The steps, as far as the stream has told of them; a command may write what looks like it."""

    def __init__(self, tell: Callable[[Done], None]) -> None:
        self.steps: list[Done] = []
        self.head = ""
        self._tell = tell
        self._total = ""
        self._open = False  # whether a line of the builder's own has not ended yet

    def hear(self, text: str, now: float) -> None:
        """Take note of one piece of the stream."""
        # the builder's headline comes alone, and its line feed after it
        match = re.match(r"Step (\d+)/(\d+) : [^\n]*\Z", text)
        if match and self._follows(int(match[1]), match[2]):
            if self.steps:
                self.steps[-1].ended = now
            self.steps.append(Done(int(match[1]), now))
            self.head, self._total = text, match[2]
            own = True
        elif not self.steps:
            return
        else:
            own = self._own(self.steps[-1], text)
            if not own and not (self._open and text == "\n"):
                self.steps[-1].write(text)
        self._open = own and not text.endswith("\n")
        self._tell(self.steps[-1])

    def _follows(self, number: int, total: str) -> bool:
        if self.steps and (number, total) != (self.steps[-1].number + 1, self._total):
            return False
        return number <= int(total)

    def _own(self, step: Done, text: str) -> bool:
        """Whether the builder says this of the step, and not its command."""
        if step.running:
            ends = rf"({'|'.join(SAID[1:])}) container [0-9a-f]{{12}}\s*$"
            return (
                re.match(rf"{ends}| ---> [0-9a-f]{{12}}\s*$|Successfully (built|tagged) ", text)
                is not None
            )
        step.running = text.startswith(SAID[0])
        step.cached = step.cached or text.startswith(" ---> Using cache")
        return step.running or re.match(r" ---> |Successfully (built|tagged) ", text) is not None


@contextlib.contextmanager
def _in_time(deadline: float, tag: str, limit: float) -> Iterator[None]:
    """Tell a build that is late from a daemon that is gone: both end in silence."""
    try:
        yield
    except EngineLost:
        if time.monotonic() < deadline:
            raise
    if time.monotonic() >= deadline:
        raise TimedOut("builds.waiting", tag=tag, seconds=limit)
