"""Build with BuildKit, through the docker client and its buildx plugin."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from ..engine import Engine
from ..errors import BuildFailed, EngineLost, NoSpace, TimedOut
from ..paths import home
from ..text import plain
from .rawjson import Progress, Vertex
from .request import Request

__all__ = ["NAME", "Outcome", "available", "build"]

NAME = "buildkit"
ASK = 30  # seconds for the client to say its version
# Which client and plugin are found, and whether they can start at all (SYSTEMROOT, on Windows).
_DECIDE = (
    "PATH", "HOME", "USERPROFILE", "SYSTEMROOT", "PROGRAMFILES", "PROGRAMDATA", "DOCKER_CONFIG",
)  # fmt: skip
END = 10  # seconds for it to end after it was told to
LOOK = 0.1  # seconds between two looks at the clock
# What the client says when the daemon goes away in the middle of a build.
LOST = (
    "Cannot connect to the Docker daemon", "error reading from server: EOF", "closing transport",
    "connection refused", "connection reset by peer", "failed to list workers",
    "no active session for", "context canceled: EOF",
)  # fmt: skip
ELSEWHERE = "failed to do request"  # … and this if it was a registry that refused
# With the containerd image store, an image that is built under a name in use takes that name before
# its layers are unpacked; if containerd tidies up in between, layers of the image that had the name
# are gone that the new one was to stand on (seen with Engine 28.5.2 on a busy machine, in one of
# some hundred builds).
UNPACKING = ("failed to prepare extraction snapshot", "does not exist: not found")


@dataclass(frozen=True)
class Outcome:
    """What the builder told: its progress, whether it succeeded, and the client's own words."""

    progress: Progress
    ok: bool
    words: str = field(default="")


def available(engine: Engine) -> bool:
    """Whether the docker client and its buildx plugin are at hand for this engine."""
    found = environment(engine)
    return _has_buildx(tuple((name, found[name]) for name in _DECIDE if name in found))


@lru_cache(maxsize=8)
def _has_buildx(variables: tuple[tuple[str, str], ...]) -> bool:
    try:
        answer = subprocess.run(
            [*_buildx(dict(variables)), "version"],
            env=dict(variables), capture_output=True, timeout=ASK, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _buildx(variables: Mapping[str, str]) -> list[str]:
    """Return the words that `docker buildx` is started with.

    A client first starts each plugin to hear what it is, which takes a tenth of a second at every
    build. Of the client that the course brings along it is known where its plugin lies.
    """
    client = Path(shutil.which("docker", path=variables.get("PATH")) or "docker")
    plugin = client.parent.parent / "libexec" / "docker" / "cli-plugins" / "docker-buildx"
    if client.is_relative_to(home() / "programs") and os.access(plugin, os.X_OK):
        return [str(plugin)]
    return ["docker", "buildx"]


def environment(engine: Engine) -> dict[str, str]:
    """Return the environment in which the docker client builds on this engine and nowhere else."""
    found = engine.environment()
    # The learner's own builder may be a container elsewhere, whose images this engine lacks.
    for name in ("BUILDX_BUILDER", "BUILDX_CONFIG", "BUILDKIT_PROGRESS", "BUILDKIT_COLORS"):
        found.pop(name, None)
    found["DOCKER_BUILDKIT"] = "1"
    # An attestation would turn the image into an index with a manifest that holds no layers.
    found["BUILDX_NO_DEFAULT_ATTESTATIONS"] = "1"
    found["DOCKER_CLI_HINTS"] = "false"
    return found


def build(
    engine: Engine,
    request: Request,
    tag: str,
    marks: dict[str, str],
    limit: float,
    *,
    meanwhile: Callable[[], None] = lambda: None,
    tell: Callable[[Vertex], None] = lambda vertex: None,
) -> Outcome:
    """Build, and return what the builder told, whether it succeeded or not.

    Parameters
    ----------
    marks: labels for the image.
    limit: seconds for the whole build.
    meanwhile: called once, while the client is starting: what it does costs no time of its own.
    tell: called in this thread whenever the state of a step changed.

    Raises
    ------
    TimedOut: after ``limit`` seconds; the build is cancelled.
    EngineLost: the daemon went away.
    NoSpace: its disk is full.
    BuildFailed: the docker client could not be run.
    """
    deadline = time.monotonic() + limit
    first = _once(engine, request, tag, marks, deadline, limit, meanwhile, tell)
    if first.ok or not all(sign in first.words for sign in UNPACKING):
        return first
    # All steps are done and in the cache; what they did is what the first try told.
    again = _once(engine, request, tag, marks, deadline, limit)
    return replace(first, ok=again.ok, words=again.words) if again.ok else again


def _once(
    engine: Engine,
    request: Request,
    tag: str,
    marks: dict[str, str],
    deadline: float,
    limit: float,
    meanwhile: Callable[[], None] = lambda: None,
    tell: Callable[[Vertex], None] = lambda vertex: None,
) -> Outcome:
    labels = [word for key, value in marks.items() for word in ("--label", f"{key}={value}")]
    variables = environment(engine)
    command = [*_buildx(variables), "build", "--progress", "rawjson", "-t", tag]
    command += [*request.flags(), *labels, "."]
    try:
        process = subprocess.Popen(
            command, cwd=request.folder, env=variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise BuildFailed("builds.refused", reason=error.strerror, folder=request.shown) from None
    progress = Progress(tell)
    try:
        lines = _lines(process)
        meanwhile()
        _read(lines, progress, deadline)
        process.wait(END)
    except _Late:
        raise TimedOut("builds.waiting", tag=tag, seconds=limit) from None
    finally:
        _end(process)  # Ctrl-C or the deadline: the client tells the daemon to stop building
    words = plain("\n".join(progress.words))
    if process.returncode and "no space left on device" in words:
        raise NoSpace("engine.no_space")
    if process.returncode and any(sign in words for sign in LOST) and ELSEWHERE not in words:
        raise EngineLost("engine.lost", reason=words.strip().rpartition("\n")[2])
    return Outcome(progress, process.returncode == 0, words)


class _Late(Exception):
    """The deadline has passed."""


def _lines(process: subprocess.Popen[bytes]) -> queue.SimpleQueue[bytes | None]:
    """Return a queue into which a thread puts what the client writes, and None at its end."""
    found: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            found.put(line)
        found.put(None)

    threading.Thread(target=read, daemon=True).start()
    return found


def _read(lines: queue.SimpleQueue[bytes | None], progress: Progress, deadline: float) -> None:
    while True:
        try:
            line = lines.get(timeout=LOOK)
        except queue.Empty:
            line = b""
        if line is None:
            return
        if line:
            progress.feed(line)
        if time.monotonic() > deadline:
            raise _Late


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END)
