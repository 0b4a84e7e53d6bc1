"""A fresh Debian server, and the seven steps run on it for real.

The server is a privileged container with systemd in it, so it is made on a private engine of the
course only: a learner's own engine never gets a privileged container. Where no private engine can
run, the same calls show a stored run, and say so.
"""

from __future__ import annotations

import time

import docker

from ..containers.lifecycle import delete
from ..containers.own import look, ours
from ..containers.quietly import quietly
from ..engine import Engine, Private, connect, labels
from ..engine.patience import patient, until
from ..engine.private import reasons_against
from ..errors import ContainerFailed
from ..messages import text
from ..text import plain
from .model import STEPS
from .run import PROMPT, Installation, Ran, Typed, stored, stored_line
from .server import server
from .stages import STAGES, Stage

__all__ = ["NAME", "Server", "ask", "existing", "fresh", "place"]

NAME = "lbl-07-server"
ANSWER = 60  # seconds for the engine to make or start the container
BOOT = 60  # seconds for systemd
STEP = 300  # seconds for one command
TAIL = 8  # lines of a failure that are shown
# As root's login shell has it; apt asks nothing.
SHELL = ("env", "HOME=/root", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "sh", "-c")


def place(engine: Engine | None = None) -> Engine | None:
    """Return the private engine on which servers are made, None where none can run.

    It is ``engine`` (default: what `connect` finds) if that is a private one; else a private one is
    started.
    """
    engine = engine or connect()
    if engine.private:
        return engine
    return None if reasons_against() else connect(Private().start())


class Server:
    """A fresh server. `step` does one of the seven steps, `run` whatever you type.

    Attributes
    ----------
    name: the container's.
    real: whether it exists; else a stored run is shown.
    lines: what was typed with `run`, and what it printed.
    """

    def __init__(self, name: str, engine: Engine | None) -> None:
        self.name, self._engine = name, engine
        self._ran: dict[str, Ran] = {}
        self.lines: dict[str, str] = {}

    @property
    def real(self) -> bool:
        return self._engine is not None

    def __repr__(self) -> str:
        return text("install.server", name=plain(self.name))

    def step(self, key: str) -> None:
        """Do one of the seven steps and print what was typed and what came of it.

        Steps before it that were not done yet are done first. A step runs on the server as the
        steps before it left it: removing the old packages begins with a server that has them.

        Raises
        ------
        ValueError: no such step.
        ContainerFailed: a command failed; the end of its output is shown.
        TimedOut, EngineLost: as for `helpers.containers.exec`.
        """
        if key not in STEPS:
            raise ValueError(text("install.no_step", name=key, known=", ".join(STEPS)))
        if key in self._ran and key == "remove":
            self._restart()
        index = STEPS.index(key)
        if index:
            self.prepare(STEPS[index - 1])
        print(self._do(key))

    def prepare(self, key: str) -> None:
        """Do the steps up to this one that were not done yet, and print nothing."""
        for step in STEPS[: STEPS.index(key) + 1]:
            if step not in self._ran:
                self._do(step)

    @property
    def installation(self) -> Installation:
        """What was done so far, step by step, with its times."""
        ran = tuple(self._ran[key] for key in STEPS if key in self._ran)
        return Installation(ran, real=self.real)

    def run(self, line: str) -> None:
        """Type a line as root on the server; print it and what it printed.

        Raises
        ------
        TimedOut, EngineLost: as for `helpers.containers.exec`.
        """
        print(f"{PROMPT}{plain(line)}", flush=True)
        if self.real:
            output = self._exec(line)[1].rstrip("\n")
            self.lines[line] = output
        else:
            output = stored_line(line)
        if output is None or output:
            print(text("install.not_typed") if output is None else output)

    def quietly(self, line: str) -> tuple[int, str]:
        """Run a line as root on the server, print nothing; return its exit code and output."""
        return self._exec(line)

    def write(self, path: str, content: str) -> None:
        """Write a file on the server, and print where.

        Raises
        ------
        ContainerFailed: there is no real server here, or no such folder.
        """
        self._exec("true")  # where there is no server, say so first
        print(text("install.wrote", path=plain(path)))
        code, output = self._exec(f"cat >'{path}' <<'EOF-of-file'\n{content}\nEOF-of-file")
        if code:
            raise ContainerFailed(
                "install.failed", step=path, command="cat", tail=output.strip(), name=self.name
            )

    def _do(self, key: str) -> Ran:
        ran = self._for_real(STAGES[key]) if self.real else stored(key)
        self._ran[key] = ran
        return ran

    def _for_real(self, stage: Stage) -> Ran:
        typed, began, output = [], time.monotonic(), ""
        for command in stage.typed:
            code, output = self._exec(command)
            if code:
                tail = "\n".join(output.strip().splitlines()[-TAIL:])
                raise ContainerFailed(
                    "install.failed", step=text(f"install.step.{stage.key}"), command=command,
                    tail=tail, name=self.name,
                )  # fmt: skip
            typed.append(Typed(command, ""))
        seconds = time.monotonic() - began
        if stage.shown:
            line = output.strip().splitlines()[-1] if output.strip() else ""
            typed[-1] = Typed(stage.typed[-1], plain(line))
            return Ran(stage.key, tuple(typed), seconds)
        values = stage.outcome(lambda command: self._exec(command)[1])
        if values is None:
            raise ContainerFailed(
                "install.no_effect", step=text(f"install.step.{stage.key}"), name=self.name
            )
        return Ran(stage.key, tuple(typed), seconds, values)

    def _exec(self, command: str) -> tuple[int, str]:
        if self._engine is None:
            raise ContainerFailed("install.not_real", name=self.name)
        return quietly(self._engine, self.name, (*SHELL, command), STEP)

    def _restart(self) -> None:
        self._ran.clear()
        if self._engine:
            _boot(self._engine, self.name)


def fresh(name: str = NAME, *, engine: Engine | None = None) -> Server:
    """Make a fresh Debian 12 server without Docker, and return it; an older one of that name goes.

    Raises
    ------
    NotOurs: a container of that name exists that the course did not make.
    ContainerFailed: it could not be started.
    EngineFailed, DownloadFailed, EngineLost, NoSpace: as for `helpers.bases.debian`.
    """
    found = place(engine)
    if found is None:
        print(text("install.stored"))
    else:
        server(found)
        _boot(found, name)
    return Server(name, found)


def ask(name: str, line: str, engine: Engine | None = None) -> str | None:
    """Return what a line prints on a server that was made before; None if it does not run.

    Raises
    ------
    NotOurs: a container of that name exists that the course did not make.
    TimedOut, EngineLost: as for `helpers.containers.exec`.
    """
    found = place(engine)
    container = look(found, name) if found else None
    if found is None or container is None or not container["State"]["Running"]:
        return None
    return quietly(found, name, (*SHELL, line), STEP)[1]


def existing(name: str, engine: Engine | None = None) -> Server:
    """Return a server that was made before.

    Raises
    ------
    NotFound, NotOurs: as for `helpers.containers.exec`.
    """
    found = place(engine)
    if found is not None:
        ours(found, name)
    return Server(name, found)


def _boot(engine: Engine, name: str) -> None:
    if old := look(engine, name):
        delete(engine, old["Id"])
    with patient(engine, ANSWER) as api:
        host = api.create_host_config(
            privileged=True, network_mode="none", tmpfs={"/run": "", "/run/lock": "", "/tmp": ""}
        )
        lesson = labels.named(name)
        try:
            made = api.create_container(
                server(engine), name=name, hostname="server", host_config=host,
                volumes=["/var/lib/docker", "/var/lib/containerd"],
                labels=labels.make(lesson, role="server"),
            )["Id"]  # fmt: skip
            api.start(made)
        except docker.errors.APIError as error:
            reason = str(error.explanation or error)
            raise ContainerFailed("install.boot", name=name, reason=reason) from None
    up = ("systemctl", "is-system-running")
    state = lambda: quietly(engine, name, up, ANSWER)[1].strip()  # noqa: E731
    until(lambda: state() in ("running", "degraded"), BOOT, "install.booting", name=name)
