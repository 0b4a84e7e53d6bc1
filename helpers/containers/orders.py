"""Orders to a container that exists: start, stop, kill, restart, pause, wait, remove."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import docker

from ..engine import Engine, connect, pausing
from ..engine.patience import patient
from ..messages import text
from .container import Container, as_it_is, say
from .lifecycle import ANSWER, await_end, delete, launch
from .own import look, ours
from .refusals import not_now

__all__ = ["kill", "pause", "remove", "restart", "start", "stop", "unpause", "wait"]

STOP = 10  # seconds between SIGTERM and SIGKILL, as `docker stop` has it
WAIT = 120.0  # seconds
KILLED = 137  # 128 + SIGKILL


def start(name: str, *, engine: Engine | None = None) -> Container:
    """Start a stopped container again, as `docker start` does: its writable layer is still there.

    Raises
    ------
    NotFound, NotOurs, ContainerFailed, EngineLost: as for `helpers.containers.run`.
    """
    engine = engine or connect()
    found = ours(engine, name)
    say(["docker", "start", name])
    launch(engine, found["Id"], found["Config"]["Image"], name)
    return as_it_is(engine, found["Id"], found["Config"]["Image"])


def stop(name: str, grace: int = STOP, *, engine: Engine | None = None) -> Container:
    """Stop a container as `docker stop` does: SIGTERM, ten seconds, SIGKILL. It is not removed.

    Where it had to be killed, this is said.

    Parameters
    ----------
    grace: seconds between the two signals.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    """
    engine = engine or connect()
    found = ours(engine, name)
    flags = [] if grace == STOP else ["-t", str(grace)]
    say(["docker", "stop", *flags, name])
    began = time.monotonic()
    with _asked(engine, name, grace) as api:
        api.stop(found["Id"], timeout=grace)
    ended = as_it_is(engine, found["Id"], found["Config"]["Image"])
    took = time.monotonic() - began
    if found["State"]["Running"] and ended.exit_code == KILLED and took >= grace:
        signal = found["Config"].get("StopSignal") or "SIGTERM"
        print(text("containers.ignored_signal", signal=signal, grace=grace, code=KILLED))
    return ended


def kill(name: str, signal: str = "KILL", *, engine: Engine | None = None) -> Container:
    """Send a signal to the container's first process, as `docker kill` does.

    Parameters
    ----------
    signal: ``"KILL"``, which no process can ignore; or ``"TERM"``, ``"HUP"``, ``"USR1"``, ….

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it does not run, or there is no such signal.
    """
    engine = engine or connect()
    found = ours(engine, name)
    say(["docker", "kill", *([] if signal == "KILL" else ["-s", signal]), name])
    with _asked(engine, name) as api:
        api.kill(found["Id"], signal)
    if signal.removeprefix("SIG") in ("KILL", "9"):
        await_end(engine, found["Id"], name, ANSWER)
    return as_it_is(engine, found["Id"], found["Config"]["Image"])


def restart(name: str, grace: int = STOP, *, engine: Engine | None = None) -> Container:
    """Stop a container and start it again, as `docker restart` does.

    Raises
    ------
    NotFound, NotOurs, ContainerFailed, EngineLost: as for `helpers.containers.run`.
    """
    engine = engine or connect()
    found = ours(engine, name)
    say(["docker", "restart", *([] if grace == STOP else ["-t", str(grace)]), name])
    with _asked(engine, name, grace) as api:
        api.restart(found["Id"], timeout=grace)
    return as_it_is(engine, found["Id"], found["Config"]["Image"])


def pause(name: str, *, engine: Engine | None = None) -> Container:
    """Freeze all processes of a container; they stay in memory and get no CPU time.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it does not run, or is paused already.
    """
    engine = engine or connect()
    found = ours(engine, name)
    say(["docker", "pause", name])
    with _asked(engine, name) as api:
        pausing.pause(api, found["Id"])
    return as_it_is(engine, found["Id"], found["Config"]["Image"])


def unpause(name: str, *, engine: Engine | None = None) -> Container:
    """Let a paused container go on where it was.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it is not paused.
    """
    engine = engine or connect()
    found = ours(engine, name)
    say(["docker", "unpause", name])
    with _asked(engine, name) as api:
        api.unpause(found["Id"])
    return as_it_is(engine, found["Id"], found["Config"]["Image"])


def wait(name: str, *, limit: float = WAIT, engine: Engine | None = None) -> Container:
    """Wait until a container has ended and will not be restarted; print its exit code.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    TimedOut: it still ran after ``limit`` seconds; it is left running.
    """
    engine = engine or connect()
    found = ours(engine, name)
    say(["docker", "wait", name])
    await_end(engine, found["Id"], name, limit, awaited="containers.waiting_end")
    ended = as_it_is(engine, found["Id"], found["Config"]["Image"])
    print(ended.exit_code)
    return ended


def remove(name: str, *, engine: Engine | None = None) -> None:
    """Remove a container with its writable layer, running or not. One that is gone is no error.

    Raises
    ------
    NotOurs: the course did not make it.
    EngineLost: as for `helpers.containers.run`.
    """
    engine = engine or connect()
    say(["docker", "rm", "-f", name])
    if found := look(engine, name):
        delete(engine, found["Id"])


@contextlib.contextmanager
def _asked(engine: Engine, name: str, more: float = 0) -> Iterator[docker.APIClient]:
    """Give the daemon time for an order, and turn its refusal into an error of the course."""
    with patient(engine, ANSWER + more) as api:
        try:
            yield api
        except docker.errors.APIError as error:
            raise not_now(engine, error, name, name, "order") from None
