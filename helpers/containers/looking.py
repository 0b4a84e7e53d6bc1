"""What a container wrote, and what the daemon knows of it: `docker logs`, `docker inspect`."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from ..engine import Engine, connect
from ..engine.patience import patient, until
from ..errors import ContainerFailed
from ..text import plain
from .container import say, show
from .lifecycle import ANSWER
from .lifecycle import logs as read_logs
from .own import ours

__all__ = ["Inspection", "inspect", "logs"]

Stream = Literal["both", "stdout", "stderr"]
HIDES = {"stdout": " 2>/dev/null", "stderr": " >/dev/null"}  # what shows only the one stream
WAIT = 60.0  # seconds


@dataclass(frozen=True)
class Inspection:
    """What `docker inspect` tells of a container.

    ``found["State.ExitCode"]`` is one value; KeyError if the engine does not tell it.

    Fields
    ------
    name: the container's.
    raw: all of it, as the engine gives it; untrusted text.
    """

    name: str
    raw: dict = field(repr=False)

    def __getitem__(self, path: str) -> Any:
        found: Any = self.raw
        for part in path.split("."):
            found = found[part]
        return found

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `inspect` has printed what was asked for."""


class Log(str):
    """What a container wrote."""

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `logs` has printed it."""


def inspect(name: str, *paths: str, engine: Engine | None = None) -> Inspection:
    """Print the `docker inspect` line, and the values that were asked for.

    Parameters
    ----------
    paths: what to print, as the field of a Go template without its first dot: ``State.ExitCode``,
        ``HostConfig.Memory``. Without one nothing is printed but the command.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: the engine tells nothing by that name.
    """
    engine = engine or connect()
    found = Inspection(name, ours(engine, name))
    values = []
    for path in paths:
        try:
            values.append(found[path])
        except (KeyError, TypeError):
            raise ContainerFailed("containers.no_field", name=name, field=path) from None
    whole = [isinstance(value, dict | list) for value in values]
    form = " ".join(
        f"{{{{json .{path}}}}}" if json_ else f"{{{{.{path}}}}}"
        for path, json_ in zip(paths, whole, strict=True)
    )
    say(["docker", "inspect", *(["--format", form] if paths else []), name])
    if paths:
        print(" ".join(_as_go_writes(value) for value in values))
    return found


def _as_go_writes(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "<nil>"
    if isinstance(value, dict | list):
        return plain(json.dumps(value, separators=(",", ":"), ensure_ascii=False))
    return plain(value)


def logs(
    name: str,
    *,
    tail: int | None = None,
    since: float | None = None,
    stream: Stream = "both",
    awaited: str | None = None,
    limit: float = WAIT,
    engine: Engine | None = None,
) -> str:
    """Print the `docker logs` line and what the container wrote; return the latter.

    Parameters
    ----------
    tail: only that many of the last lines.
    since: only what it wrote in the last ``since`` seconds.
    stream: only what it wrote to ``"stdout"`` or to ``"stderr"``. Docker keeps the two apart; the
        order of lines of different streams that were written at the same time is not kept.
    awaited: wait until it has written this, at most ``limit`` seconds.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: it ended and had not written what was awaited.
    TimedOut: it had not written that in time.
    """
    engine = engine or connect()
    identifier = ours(engine, name)["Id"]
    if awaited is not None:
        _await(engine, identifier, name, awaited, stream, limit)
    flags = [] if tail is None else ["--tail", str(tail)]
    flags += [] if since is None else ["--since", f"{since:g}s"]
    say(["docker", "logs", *flags, name], HIDES.get(stream, ""))
    moment = None if since is None else time.time() - since
    output = read_logs(engine, identifier, stream=stream, tail=tail, since=moment)
    show(output)
    return Log(output)


def _await(
    engine: Engine, identifier: str, name: str, awaited: str, stream: Stream, limit: float
) -> None:
    def look() -> bool:
        running = api.inspect_container(identifier)["State"]["Running"]  # before the last words
        if awaited in read_logs(engine, identifier, stream=stream):
            return True
        if not running:
            raise ContainerFailed("containers.not_written", name=name, awaited=awaited)
        return False

    with patient(engine, ANSWER) as api:
        until(look, limit, "containers.waiting_words", name=name, awaited=awaited)
