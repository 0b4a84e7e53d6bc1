"""The docker client as a program: found, run with a deadline, its output made safe to print."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..containers.publishing import ports_of
from ..engine import Engine, connect
from ..errors import ContainerFailed, EngineLost, EngineNotFound, NotFound, TimedOut
from ..messages import text
from ..paths import writable
from ..text import plain

__all__ = ["Answer", "docker", "environment_of", "invoke", "program", "words_of"]

LIMIT = 120.0  # seconds for a command
MOST = 200_000  # characters of output that are kept
_SILENT = ("cannot connect to the docker daemon", "failed to connect to the docker api")


@dataclass(frozen=True)
class Answer:
    """What a command of the docker client printed, and its exit code."""

    output: str = field(repr=False)
    exit_code: int

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `docker` has printed it."""


def docker(
    command: str | Sequence[str],
    *,
    context: str | None = None,
    limit: float = LIMIT,
    engine: Engine | None = None,
) -> Answer:
    """Run the docker client; print the command and what it says.

    Parameters
    ----------
    command: what stands behind ``docker``: one string, split as a shell would, or a list of words.
    context: which daemon it is for, by the name of a context; that of `engine` without one.
    limit: seconds until it is given up.

    Raises
    ------
    NotFound: the docker client is not installed, or no context has this name.
    EngineNotFound: the daemon that the context leads to does not answer.
    EngineLost: the daemon of `engine` went away.
    ContainerFailed: a port would be published to other machines, which the course refuses.
    TimedOut: it had not ended after ``limit`` seconds.
    """
    engine = engine or connect()
    words = words_of(command)
    check_ports(words)
    chosen = ["--context", context] if context else []
    print(f"$ {plain(shlex.join(['docker', *chosen, *words]))}", flush=True)
    found = invoke([*chosen, *words], environment_of(engine), limit)
    _explain(found, context)
    show(found)
    return found


def words_of(command: str | Sequence[str]) -> list[str]:
    """Return a command as words, without the ``docker`` in front if that was written."""
    words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
    return words[1:] if words[:1] == ["docker"] else words


def show(answer: Answer) -> None:
    """Print what a command wrote, and its exit code if that is not 0."""
    if answer.output:
        print(answer.output, end="" if answer.output.endswith("\n") else "\n")
    if answer.exit_code:
        print(text("containers.exit_code", code=answer.exit_code))


def invoke(
    words: Sequence[str],
    environment: Mapping[str, str],
    limit: float = LIMIT,
    folder: Path | None = None,
) -> Answer:
    """Run ``docker WORDS``; return what it wrote to stdout and stderr, in that order.

    Raises
    ------
    NotFound: the docker client is not installed.
    TimedOut: it had not ended after ``limit`` seconds, and was ended.
    """
    command = [program(environment), *words]
    try:
        done = subprocess.run(
            command, env=dict(environment), cwd=folder, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        shown = shlex.join(["docker", *words])
        raise TimedOut("components.waiting", command=shown, seconds=limit) from None
    output = (done.stdout + done.stderr).decode(errors="replace").replace("\r\n", "\n")
    return Answer(plain(output)[:MOST], done.returncode)


def environment_of(engine: Engine) -> dict[str, str]:
    """Return the environment for the client, with contexts apart for each engine under test.

    All engines of one course share a DOCKER_CONFIG (`Engine.environment`). A context has one name
    in a lesson, so two engines at the same time, as in tests, each get a copy of that folder.
    """
    found = engine.environment()
    private = engine.private
    if private is None or private.name == "course":
        return found
    shared = Path(found["DOCKER_CONFIG"])
    own = writable(shared / "engines" / private.name)
    path, wanted = own / "config.json", (shared / "config.json").read_bytes()
    if not path.exists() or path.read_bytes() != wanted:  # plug-ins and logins of the shared one
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(wanted)
        part.replace(path)
    found["DOCKER_CONFIG"] = str(own)
    return found


def program(environment: Mapping[str, str]) -> str:
    """Return where the docker client lies.

    Raises
    ------
    NotFound: it is not installed.
    """
    if found := shutil.which("docker", path=environment.get("PATH")):
        return found
    raise NotFound("components.no_client")


def check_ports(words: Sequence[str]) -> None:
    """Refuse a port that other machines could reach.

    Raises
    ------
    ContainerFailed: one of the words publishes such a port.
    """
    if not any(word in ("run", "create") for word in words[:3]):
        return
    for place, word in enumerate(words):
        if word in ("-p", "--publish") and place + 1 < len(words):
            ports_of([words[place + 1]])
        elif word.startswith("--publish="):
            ports_of([word.partition("=")[2]])
        elif word in ("-P", "--publish-all"):
            raise ContainerFailed("components.open_port", port=word)


def _explain(answer: Answer, context: str | None) -> None:
    said = answer.output.lower()
    if not answer.exit_code:
        return
    reason = answer.output.strip().splitlines()[-1] if answer.output.strip() else ""
    if context and "context" in said and "not found" in said:
        raise NotFound("components.no_context", name=context)
    if any(words in said for words in _SILENT) or "connection refused" in said:
        if context:
            raise EngineNotFound("components.context_silent", name=context, reason=reason)
        raise EngineLost("engine.lost", reason=reason)
