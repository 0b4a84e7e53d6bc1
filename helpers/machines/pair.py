"""The same files twice: in a container and in a virtual machine, asked the same questions."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import docker

from .. import bases, containers
from ..containers.quietly import quietly
from ..engine import Engine, connect, labels
from ..errors import NotOurs
from ..messages import text
from ..text import plain
from . import measuring
from .command import said
from .live import Machine
from .model import Beside
from .ready import Ready, ready
from .stored import Recorded

__all__ = ["Answers", "Pair", "bracketed", "pair"]

KEEPS = ("sleep", "86413")  # what both run: a program to look for in the host's list
LIMIT = 60.0  # seconds for a command in the container


@dataclass(frozen=True)
class Answers:
    """What the same command wrote in both; ``recorded``: the day, if the machine's is stored."""

    command: str
    container: str
    machine: str
    recorded: str | None = field(default=None, repr=False)

    @property
    def same(self) -> bool:
        return self.container == self.machine

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `Pair.ask` has printed it."""


class Pair:
    """A container and a machine with the files of one image. What has ended is started anew."""

    def __init__(self, image: str, name: str, engine: Engine) -> None:
        self.image, self.name, self.engine = image, name, engine
        self.ready: Ready = ready(image, engine)
        self.wrecked = False  # whether everything in the container was deleted
        self._machine: Machine | Recorded | None = None

    def __repr__(self) -> str:
        return text("machines.pair.repr", image=self.image)

    @property
    def machine(self) -> Machine | Recorded:
        """The machine, started if it does not run."""
        found = self._machine
        if found is None or (isinstance(found, Machine) and not found.running):
            self._machine = self.fresh_machine()
            self._machine.run(f"{' '.join(KEEPS)} &")
        assert self._machine is not None
        return self._machine

    @property
    def recorded(self) -> str | None:
        """The day of the stored measurement, where no machine can run; else None."""
        return self.machine.stored.date if isinstance(self.machine, Recorded) else None

    def fresh_machine(self) -> Machine | Recorded:
        """Start one more machine from the same files; the caller stops it."""
        return Recorded() if self.ready.missing else self.ready.start()

    def fresh_container(self) -> None:
        """Start the container anew; what was in its writable layer is gone."""
        self.wrecked = False
        containers.run(self.image, KEEPS, self.name, detach=True, engine=self.engine)

    def ask(self, command: str) -> Answers:
        """Run one line in the shell of both, and print what each wrote.

        Raises
        ------
        MachineFailed, TimedOut, ContainerFailed, EngineLost: the container or the machine.
        """
        words = ["sh", "-c", command] if _needs_shell(command) else command.split()
        self.ensure_container()
        _, inside = quietly(self.engine, self.name, words, LIMIT)
        reply = self.machine.run(command)
        print(f"$ docker exec {self.name} {plain(shlex.join(words))}\n{bracketed(inside)}")
        print(f"vm# {plain(command)}\n{bracketed(reply.output, self.recorded)}")
        return Answers(command, plain(inside).strip(), reply.output.strip(), self.recorded)

    def measure(self) -> Beside:
        """Measure both now; see `helpers.figures.beside`."""
        self.ensure_container()
        machine = self.machine
        half = measuring.machine(self.ready, machine)
        box = measuring.container(self.engine, self.name, self.image)
        if self.recorded:
            return Beside(
                self.image, box, half, machine.board, self.host(), self.recorded,
                machine.stored.where if isinstance(machine, Recorded) else "",
            )  # fmt: skip
        return Beside(self.image, box, half, machine.board, self.host())

    def host(self) -> tuple[str, str]:
        """Return release and identity of the kernel that the engine runs on.

        Where that is this computer they are read here, else in a container of their own.
        """
        here = Path("/proc/sys/kernel/random/boot_id")
        release = self.engine.info["KernelVersion"]
        if here.exists() and os.uname().release == release and not self.engine.endpoint.remote:
            return release, here.read_text().strip()
        output = self.engine.client.containers.run(
            bases.busybox(self.engine), measuring.BOOT.split(), remove=True, labels=labels.make()
        )
        return release, output.decode().strip()

    def ensure_container(self) -> None:
        """Start the container unless it runs and has its files."""
        try:
            found = self.engine.client.api.inspect_container(self.name)
        except docker.errors.NotFound:
            found = None
        if found and not labels.ours(found["Config"].get("Labels")):
            raise NotOurs("containers.not_ours", name=self.name)
        if self.wrecked or not found or not found["State"]["Running"]:
            with contextlib.redirect_stdout(io.StringIO()):
                self.fresh_container()

    def stop(self) -> None:
        """End the machine and remove the container."""
        self.unplug()
        containers.remove(self.name, engine=self.engine)

    def unplug(self) -> None:
        """End the machine."""
        if self._machine:
            self._machine.stop()
            self._machine = None

    def tell(self) -> None:
        """Print the command that starts the machine, as a learner would type it."""
        if self.ready.qemu and self.ready.choice and self.ready.files:
            own, rest = said(self.ready.qemu, self.ready.choice.board, self.ready.files)
            print(f"$ {bracketed(own)} {_options(rest)}")
        else:
            print(f"$ {bracketed(text('machines.pair.missing'))} {_options([])}")


_current: dict[str, Pair] = {}


def pair(
    image: str = bases.BUSYBOX, name: str = "lbl-05-box", *, engine: Engine | None = None
) -> Pair:
    """Start a container and a virtual machine from the files of the same image.

    The container begins anew each time and stays until the lesson is cleaned up. A machine that was
    started before in this process is kept; it ends with `Pair.stop`, or with this process. Where no
    machine can run, the stored measurement takes its place.

    Parameters
    ----------
    name: the container's.

    Raises
    ------
    NotFound: no such image. NotOurs: a container of that name is somebody else's.
    MachineFailed, TimedOut: the machine did not start.
    EngineLost: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    found = _current.get(name)
    if found is None or found.image != image or found.engine is not engine:
        if found:
            found.unplug()
        found = _current[name] = Pair(image, name, engine)
    found.fresh_container()
    found.tell()
    found.machine  # noqa: B018  (it starts when it is asked for)
    return found


def bracketed(value: str, recorded: str | None = None) -> str:
    """Return what varies from machine to machine in the brackets that the sanitizer knows."""
    inner = plain(value).strip().replace("⟩", ">")
    if recorded:
        note = text("machines.recorded", date=recorded)
        inner = f"{note}\n{inner}" if "\n" in inner else f"{note} {inner}"
    return f"⟨{inner}⟩"


def _options(rest: list[str]) -> str:
    kept = rest or ["-kernel", "vmlinuz", "-initrd", "root.cpio.gz"]
    start = kept.index("-kernel")
    return shlex.join(kept[start : start + 4]) + " …"


def _needs_shell(command: str) -> bool:
    return any(character in command for character in "|&;<>*?$()'\"\\`")
