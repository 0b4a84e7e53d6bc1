"""Run a command in a container, as `docker run`, `docker exec` and their kin do."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import docker

from ..engine import Engine, connect
from ..engine.patience import patient, until
from ..errors import ContainerFailed, TimedOut
from ..messages import text
from ..text import plain
from .lifecycle import ANSWER, await_end, create, delete, kill, launch
from .lifecycle import logs as read_logs
from .output import attached, short
from .own import look, ours, refused

__all__ = ["Container", "Execution", "exec", "logs", "remove", "run", "start", "stop"]

RUN = 120.0  # seconds for a command in the foreground
STOP = 10  # seconds between SIGTERM and SIGKILL, as `docker stop` has it


@dataclass(frozen=True)
class Container:
    """A container as it was when the call returned.

    Fields
    ------
    name, image: as given (no name: ``""``); the image's name is untrusted text.
    running: whether it still ran.
    exit_code: of its first process; None while that runs.
    output: what it wrote to stdout and stderr, control sequences taken out.
    id: the daemon's; do not print it, it is another one each time.
    """

    name: str
    image: str
    running: bool
    exit_code: int | None
    output: str = field(repr=False)
    id: str = field(repr=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: the call has printed what there is to see."""


@dataclass(frozen=True)
class Execution:
    """A command that ran in a container: what it wrote, and its exit code."""

    output: str
    exit_code: int

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `exec` has printed it."""


def run(
    image: str,
    command: str | Sequence[str] = (),
    name: str | None = None,
    *,
    env: Mapping[str, str] | None = None,
    detach: bool = False,
    limit: float = RUN,
    engine: Engine | None = None,
) -> Container:
    """Run a command in a new container; print the `docker run` line, and what the command wrote.

    A container of that name that an earlier run of the cell left is replaced. Nothing is pulled.

    Parameters
    ----------
    command: a list of words, or one string that is split as a shell would; empty for the image's.
    name: ``lbl-<lesson>-…``; without one the container is removed when the command has ended.
    env: environment variables, beside those that the image sets, or in their place.
    detach: return at once and leave it running.
    limit: seconds that a command in the foreground may take; it is killed after that.

    Raises
    ------
    NotFound: no such image on this engine.
    NotOurs: a container of that name exists that the course did not make.
    ContainerFailed: it could not be started, for example because the program does not exist.
    TimedOut: the command had not ended after ``limit`` seconds.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    words = _words(command)
    variables = [f"{key}={value}" for key, value in (env or {}).items()]
    flags = [word for variable in variables for word in ("-e", variable)]
    flags = [*flags, *(["-d"] if detach else []), *(["--name", name] if name else ["--rm"])]
    _say(["docker", "run", *flags, image, *words])
    if name and (old := look(engine, name)):
        delete(engine, old["Id"])
    identifier = create(engine, image, words, name, variables)
    keep = False
    try:
        launch(engine, identifier, image)
        if not detach:
            await_end(engine, identifier, name or image, limit)
        found = _container(engine, identifier, image)
        found = replace(found, name=name or "")  # one that Docker invented differs each time
        keep = name is not None or (detach and found.running)
        if not detach:
            _show(found.output, found.exit_code)
        return found
    except (TimedOut, KeyboardInterrupt):
        keep = name is not None  # killed by now, and still there to be looked into
        kill(engine, identifier)
        raise
    finally:
        if not keep:
            delete(engine, identifier)


def start(name: str, *, engine: Engine | None = None) -> Container:
    """Start a stopped container again, as `docker start` does: its writable layer is still there.

    Raises
    ------
    NotFound, NotOurs, ContainerFailed, EngineLost: as for `run`.
    """
    engine = engine or connect()
    found = ours(engine, name)
    _say(["docker", "start", name])
    launch(engine, found["Id"], found["Config"]["Image"])
    return _container(engine, found["Id"], found["Config"]["Image"])


def exec(
    name: str,
    command: str | Sequence[str],
    *,
    limit: float = RUN,
    engine: Engine | None = None,
) -> Execution:
    """Run one more command in a running container; print the `docker exec` line and the output.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `run`.
    ContainerFailed: the container does not run, or the program does not exist.
    TimedOut: it had not ended after ``limit`` seconds; Docker cannot kill it, so it runs on.
    """
    engine = engine or connect()
    identifier = ours(engine, name)["Id"]
    words = _words(command)
    _say(["docker", "exec", name, *words])
    with patient(engine, ANSWER) as api:
        try:
            made = api.exec_create(identifier, words)["Id"]
        except docker.errors.APIError as error:
            raise ContainerFailed("containers.exec", name=name, reason=refused(error)) from None
    with patient(engine, limit) as api:
        try:
            output = attached(api.exec_start(made, socket=True), limit)
        except docker.errors.APIError as error:
            raise ContainerFailed("containers.exec", name=name, reason=refused(error)) from None
        except TimeoutError:
            raise TimedOut("containers.waiting_exec", name=name, seconds=limit) from None
        ended = lambda: not api.exec_inspect(made)["Running"]  # noqa: E731
        until(ended, limit, "containers.waiting_exec", name=name)
        code = api.exec_inspect(made)["ExitCode"]
    if code in (126, 127) and "OCI runtime exec failed" in output:
        raise ContainerFailed("containers.exec", name=name, reason=short(output))
    _show(output, code)
    return Execution(output, code)


def logs(name: str, *, engine: Engine | None = None) -> str:
    """Print the `docker logs` line and what the container wrote; return the latter.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `run`.
    """
    engine = engine or connect()
    identifier = ours(engine, name)["Id"]
    _say(["docker", "logs", name])
    output = read_logs(engine, identifier)
    _show(output, None)
    return output


def stop(name: str, *, engine: Engine | None = None) -> Container:
    """Stop a container as `docker stop` does: SIGTERM, ten seconds, SIGKILL. It is not removed.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `run`.
    """
    engine = engine or connect()
    found = ours(engine, name)
    _say(["docker", "stop", name])
    with patient(engine, ANSWER) as api:
        api.stop(found["Id"], timeout=STOP)
    return _container(engine, found["Id"], found["Config"]["Image"])


def remove(name: str, *, engine: Engine | None = None) -> None:
    """Remove a container with its writable layer, running or not. One that is gone is no error.

    Raises
    ------
    NotOurs: the course did not make it.
    EngineLost: as for `run`.
    """
    engine = engine or connect()
    _say(["docker", "rm", "-f", name])
    if found := look(engine, name):
        delete(engine, found["Id"])


def _words(command: str | Sequence[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]


def _say(words: list[str]) -> None:
    print(f"$ {plain(shlex.join(words))}")


def _show(output: str, exit_code: int | None) -> None:
    if output:
        print(output, end="" if output.endswith("\n") else "\n")
    if exit_code:
        print(text("containers.exit_code", code=exit_code))


def _container(engine: Engine, identifier: str, image: str) -> Container:
    with patient(engine, ANSWER) as api:
        found = api.inspect_container(identifier)
    state = found["State"]
    return Container(
        name=found["Name"].lstrip("/"),
        image=image,
        running=state["Running"],
        exit_code=None if state["Running"] else state["ExitCode"],
        output=read_logs(engine, identifier),
        id=identifier,
    )
