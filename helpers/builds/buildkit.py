"""Build with BuildKit, through the docker client and its buildx plugin."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

from ..engine import Engine
from ..errors import BuildFailed, EngineLost, NoSpace, TimedOut
from .failure import Failure, of_buildkit

__all__ = ["NAME", "available", "build"]

NAME = "buildkit"
ASK = 30  # seconds for the client to say its version
END = 10  # seconds for it to end after it was told to


def available(engine: Engine) -> bool:
    """Whether the docker client and its buildx plugin are at hand for this engine."""
    return _has_buildx(tuple(sorted(_environment(engine).items())))


@lru_cache(maxsize=8)
def _has_buildx(environment: tuple[tuple[str, str], ...]) -> bool:
    command = ["docker", "buildx", "version"]
    try:
        answer = subprocess.run(
            command, env=dict(environment), capture_output=True, timeout=ASK, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _environment(engine: Engine) -> dict[str, str]:
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
    engine: Engine, folder: Path, tag: str, marks: dict[str, str], limit: float
) -> Failure | None:
    """Build ``folder`` and return why it failed, None if it did not.

    Raises
    ------
    TimedOut: after ``limit`` seconds; the build is cancelled.
    EngineLost: the daemon went away.
    BuildFailed: the docker client could not be run.
    """
    flags = [word for key, value in marks.items() for word in ("--label", f"{key}={value}")]
    command = ["docker", "build", "--progress", "plain", "-t", tag, *flags, "."]
    try:
        process = subprocess.Popen(
            command, cwd=folder, env=_environment(engine), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        raise BuildFailed("builds.refused", reason=error.strerror, folder=folder.name) from None
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise TimedOut("builds.waiting", tag=tag, seconds=limit) from None
    finally:
        _end(process)  # Ctrl-C or the deadline: the client tells the daemon to stop building
    if process.returncode == 0:
        return None
    log = output.decode(errors="replace")
    if "no space left on device" in log:
        raise NoSpace("engine.no_space")
    if "Cannot connect to the Docker daemon" in log or "error reading from server: EOF" in log:
        raise EngineLost("engine.lost", reason=log.strip().rpartition("\n")[2])
    dockerfile = (folder / "Dockerfile").read_text("utf-8", errors="replace")
    return of_buildkit(log, dockerfile)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END)
