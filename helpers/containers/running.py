"""Run a command in a container, as `docker run` and `docker exec` do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..engine import Engine, connect
from ..errors import ContainerFailed, TimedOut
from ..messages import text
from .container import Container, Execution, as_it_is, say, show
from .lifecycle import await_end, create, delete, kill, launch
from .options import Options, Probe, words_of
from .output import short
from .own import look, ours
from .quietly import quietly

__all__ = ["exec", "run"]

RUN = 120.0  # seconds for a command in the foreground


def run(
    image: str,
    command: str | Sequence[str] = (),
    name: str | None = None,
    *,
    env: Mapping[str, str] | None = None,
    detach: bool = False,
    limit: float = RUN,
    engine: Engine | None = None,
    volumes: Sequence[str] = (),
    tmpfs: Sequence[str] = (),
    network: str | None = None,
    publish: Sequence[str] = (),
    memory: str | None = None,
    cpus: float | None = None,
    pids_limit: int | None = None,
    restart: str | None = None,
    read_only: bool = False,
    user: str | None = None,
    hostname: str | None = None,
    workdir: str | None = None,
    entrypoint: str | Sequence[str] | None = None,
    init: bool = False,
    stop_signal: str | None = None,
    health: Probe | None = None,
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
    volumes: as after ``-v``: ``"lbl-04-data:/data"``, ``"/folder:/x:ro"``, ``"/data"`` (anonymous).
        A named volume that is missing is made, with the course's labels.
    tmpfs: as after ``--tmpfs``: ``"/run"``, ``"/cache:size=1m"``.
    network: a network of the course, ``"bridge"``, ``"host"`` or ``"none"``.
    publish: as after ``-p``, on loopback alone: ``"127.0.0.1:8080:80"``; ``"127.0.0.1::80"`` lets
        the engine choose a port.
    memory: as after ``-m``: ``"32m"``, in powers of 1024; at least 6 MiB.
    cpus: how many CPUs' worth of time it may use: 0.5 is half of one.
    pids_limit: how many processes and threads it may have.
    restart: ``"no"``, ``"always"``, ``"unless-stopped"``, ``"on-failure"``, ``"on-failure:3"``.
    read_only: nothing can be written but to volumes and tmpfs.
    user, hostname, workdir, entrypoint, stop_signal: in place of the image's.
    init: a small init as first process, which passes signals on and reaps orphans.
    health: a health check, in place of the image's.

    Raises
    ------
    NotFound: no such image, or no such network on this engine.
    NotOurs: a container, volume or network of that name exists that the course did not make.
    ContainerFailed: a value is wrong, a port is taken, or it could not be started, for example
        because the program does not exist.
    TimedOut: the command had not ended after ``limit`` seconds.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    words = words_of(command)
    options = Options(
        env, _several(volumes), _several(tmpfs), network, _several(publish), memory, cpus,
        pids_limit, restart, read_only, user, hostname, workdir, entrypoint, init, stop_signal,
        health,
    )  # fmt: skip
    options.check(engine, name, detach)
    flags = [word for variable in options.variables for word in ("-e", variable)]
    flags += [*(["-d"] if detach else []), *(["--name", name] if name else ["--rm"])]
    say(["docker", "run", *flags, *options.flags, image, *options.before_command, *words])
    if unkept := options.unkept(engine):
        print(text("containers.not_limited", what=", ".join(unkept)))
    if name and (old := look(engine, name)):
        delete(engine, old["Id"])
    identifier = create(engine, image, words, name, options)
    keep = False
    try:
        launch(engine, identifier, image, name or "")
        if not detach:
            await_end(engine, identifier, name or image, limit)
        found = as_it_is(engine, identifier, image)
        found = replace(found, name=name or "")  # one that Docker invented differs each time
        keep = name is not None or (detach and found.running)
        if not detach:
            show(found.output, found.exit_code, found.oom_killed, read_only=read_only)
        return found
    except (TimedOut, KeyboardInterrupt):
        keep = name is not None  # killed by now, and still there to be looked into
        kill(engine, identifier)
        raise
    finally:
        if not keep:
            delete(engine, identifier)


def exec(
    name: str,
    command: str | Sequence[str],
    *,
    user: str | None = None,
    workdir: str | None = None,
    limit: float = RUN,
    engine: Engine | None = None,
) -> Execution:
    """Run one more command in a running container; print the `docker exec` line and the output.

    Parameters
    ----------
    user, workdir: in place of the container's.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `run`.
    ContainerFailed: the container has ended, is paused or is just being restarted, or the program
        does not exist.
    TimedOut: it had not ended after ``limit`` seconds; Docker cannot kill it, so it runs on.
    """
    engine = engine or connect()
    found = ours(engine, name)
    words = words_of(command)
    flags = [*(["--user", user] if user else []), *(["--workdir", workdir] if workdir else [])]
    say(["docker", "exec", *flags, name, *words])
    code, output = quietly(engine, name, words, limit, found["Id"], user=user, workdir=workdir)
    if code in (126, 127) and "OCI runtime exec failed" in output:
        raise ContainerFailed("containers.exec", name=name, reason=short(output))
    show(output, code, read_only=found["HostConfig"].get("ReadonlyRootfs", False))
    return Execution(output, code)


def _several(given: str | Sequence[str]) -> Sequence[str]:
    """One string is a list of one: a learner forgets the brackets."""
    return (given,) if isinstance(given, str) else given
