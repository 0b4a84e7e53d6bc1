"""Run a command in a container, as `docker run`, `docker exec` and their kin do."""

from __future__ import annotations

import contextlib
import difflib
import re
import shlex
import socket
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import docker
from docker.utils.socket import frames_iter

from ..engine import Engine, connect, labels
from ..engine.patience import patient, until
from ..errors import ContainerFailed, NotFound, TimedOut
from ..messages import text
from ..text import plain
from .own import look, ours, refused

__all__ = ["Container", "Execution", "exec", "logs", "remove", "run", "start", "stop"]

RUN = 120.0  # seconds for a command in the foreground
STOP = 10  # seconds between SIGTERM and SIGKILL, as `docker stop` has it
ANSWER = 60  # seconds for the daemon to make, start, kill or remove a container
MOST = 200_000  # characters of output that are kept
ENDED = ("exited", "dead")


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
    flags = [*(["-d"] if detach else []), *(["--name", name] if name else ["--rm"])]
    _say(["docker", "run", *flags, image, *words])
    if name and (old := look(engine, name)):
        _delete(engine, old["Id"])
    identifier = _create(engine, image, words, name)
    keep = False
    try:
        _start(engine, identifier, image)
        if not detach:
            _await_end(engine, identifier, name or image, limit)
        found = _container(engine, identifier, image)
        found = replace(found, name=name or "")  # one that Docker invented differs each time
        keep = name is not None or (detach and found.running)
        if not detach:
            _show(found.output, found.exit_code)
        return found
    except (TimedOut, KeyboardInterrupt):
        keep = name is not None  # killed by now, and still there to be looked into
        _kill(engine, identifier)
        raise
    finally:
        if not keep:
            _delete(engine, identifier)


def start(name: str, *, engine: Engine | None = None) -> Container:
    """Start a stopped container again, as `docker start` does: its writable layer is still there.

    Raises
    ------
    NotFound, NotOurs, ContainerFailed, EngineLost: as for `run`.
    """
    engine = engine or connect()
    found = ours(engine, name)
    _say(["docker", "start", name])
    _start(engine, found["Id"], found["Config"]["Image"])
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
            output = _attached(api.exec_start(made, socket=True), limit)
        except docker.errors.APIError as error:
            raise ContainerFailed("containers.exec", name=name, reason=refused(error)) from None
        except TimeoutError:
            raise TimedOut("containers.waiting_exec", name=name, seconds=limit) from None
        ended = lambda: not api.exec_inspect(made)["Running"]  # noqa: E731
        until(ended, limit, "containers.waiting_exec", name=name)
        code = api.exec_inspect(made)["ExitCode"]
    if code in (126, 127) and "OCI runtime exec failed" in output:
        raise ContainerFailed("containers.exec", name=name, reason=_short(output))
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
    output = _logs(engine, identifier)
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
        _delete(engine, found["Id"])


def _words(command: str | Sequence[str]) -> list[str]:
    return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]


def _say(words: list[str]) -> None:
    print(f"$ {plain(shlex.join(words))}")


def _show(output: str, exit_code: int | None) -> None:
    if output:
        print(output, end="" if output.endswith("\n") else "\n")
    if exit_code:
        print(text("containers.exit_code", code=exit_code))


def _short(reason: str) -> str:
    """Return the last link of a chain of errors: each engine adds others before it."""
    last = reason[reason.rfind(': exec: "') + 2 :] if ': exec: "' in reason else reason
    return last.strip().removesuffix(": unknown")


def _create(engine: Engine, image: str, words: list[str], name: str | None) -> str:
    lesson = re.match(r"lbl-(\d\d)-", name or "")
    with patient(engine, ANSWER) as api:
        try:
            made = api.create_container(
                image, words or None, name=name, labels=labels.make(lesson[1] if lesson else None)
            )
        except docker.errors.ImageNotFound:
            known = sorted({t for i in api.images() for t in i.get("RepoTags") or []})
            raise _no_image(image, known) from None
        except docker.errors.APIError as error:
            raise ContainerFailed("containers.create", image=image, reason=refused(error)) from None
    return made["Id"]


def _no_image(image: str, known: list[str]) -> NotFound:
    ours_first = [tag for tag in known if tag.startswith("lbl/")]
    near = difflib.get_close_matches(image, known, n=3, cutoff=0.4) or ours_first[:3]
    return NotFound("containers.no_image", image=image, near=", ".join(near) or "–")


def _start(engine: Engine, identifier: str, image: str) -> None:
    with patient(engine, ANSWER) as api:
        try:
            api.start(identifier)
        except docker.errors.APIError as error:
            reason = _short(refused(error))
            raise ContainerFailed("containers.start", image=image, reason=reason) from None


def _await_end(engine: Engine, identifier: str, name: str, limit: float) -> None:
    with patient(engine, ANSWER) as api:
        until(
            lambda: api.inspect_container(identifier)["State"]["Status"] in ENDED,
            limit, "containers.waiting", name=name,
        )  # fmt: skip


def _container(engine: Engine, identifier: str, image: str) -> Container:
    with patient(engine, ANSWER) as api:
        found = api.inspect_container(identifier)
    state = found["State"]
    return Container(
        name=found["Name"].lstrip("/"),
        image=image,
        running=state["Running"],
        exit_code=None if state["Running"] else state["ExitCode"],
        output=_logs(engine, identifier),
        id=identifier,
    )


def _logs(engine: Engine, identifier: str) -> str:
    with patient(engine, ANSWER) as api:
        return _text(api.logs(identifier, stdout=True, stderr=True, stream=True, follow=False))


def _attached(stream: Any, limit: float) -> str:
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
        output = _text((chunk for _, chunk in frames_iter(stream, tty=False)), drain=True)
    finally:
        watch.cancel()
        stream.close()
    if late.is_set():
        raise TimeoutError
    return output


def _text(chunks: Iterable[bytes], *, drain: bool = False) -> str:
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


def _kill(engine: Engine, identifier: str) -> None:
    with patient(engine, ANSWER) as api:
        try:
            api.kill(identifier)
        except docker.errors.APIError as error:
            if error.status_code not in (404, 409):  # it has ended by itself
                raise


def _delete(engine: Engine, identifier: str) -> None:
    """Remove a container and wait until its name is free."""
    with patient(engine, ANSWER) as api:
        try:
            api.remove_container(identifier, v=True, force=True)
        except docker.errors.NotFound:
            return
        except docker.errors.APIError as error:
            if error.status_code != 409:  # 409: it is being removed already
                raise
        until(
            lambda: _is_gone(api, identifier),
            ANSWER,
            "containers.waiting_removal",
            name=identifier[:12],
        )


def _is_gone(api: docker.APIClient, identifier: str) -> bool:
    try:
        api.inspect_container(identifier)
    except docker.errors.NotFound:
        return True
    return False
