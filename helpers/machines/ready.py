"""What this computer has for a virtual machine, or what is missing and how to get it."""

from __future__ import annotations

from dataclasses import dataclass

from .. import bases
from ..engine import Engine, connect
from ..errors import CourseError, DownloadFailed, MachineFailed, NoSpace, NotWritable
from ..messages import text
from . import stored
from .acceleration import Choice, choose
from .command import Files
from .initramfs import initramfs
from .live import Machine
from .programs import Qemu, kernel, qemu

__all__ = ["Ready", "ready"]


@dataclass(frozen=True, repr=False)
class Ready:
    """What a machine is started with here.

    Attributes
    ----------
    qemu, choice, files: None where there is no QEMU.
    missing: the error that says what is missing and how to get it.
    """

    qemu: Qemu | None = None
    choice: Choice | None = None
    files: Files | None = None
    missing: CourseError | None = None

    def start(self) -> Machine:
        """Start a machine.

        Raises
        ------
        MachineFailed, TimedOut: as for `Machine`, or what is missing.
        """
        if self.missing or not (self.qemu and self.choice and self.files):
            raise self.missing or MachineFailed("machines.broken", program="QEMU", reason="–")
        return Machine(self.qemu, self.choice.board, self.files)

    def __str__(self) -> str:
        if self.missing or not (self.qemu and self.choice and self.files):
            known = stored.load()
            note = text("machines.ready.stored", date=known.date, where=known.where)
            return f"{self.missing}\n{note}"
        board = self.choice.board
        why = "emulated" if board.emulated else "hardware"
        lines = [
            text(
                "machines.ready.found",
                name=self.qemu.name,
                version=board.qemu,
                board=board.name,
                accelerator=board.accelerator,
            ),
            text(f"machines.ready.{why}", accelerator=board.accelerator),
            text("machines.ready.kernel", name=self.files.kernel.name.removeprefix("vmlinuz-")),
        ]
        if board.emulated:
            lines.insert(2, text(f"machines.ready.why.{self.choice.why}"))
        return "\n".join(lines)

    __repr__ = __str__


def ready(image: str = bases.BUSYBOX, engine: Engine | None = None) -> Ready:
    """Find or fetch what a machine with the files of ``image`` needs, and prove how to run it.

    The first time takes as long as a download of 55 MB, and where there is ``/dev/kvm`` a start
    under it that is given eight seconds. Where a machine cannot run, the answer says so: it is no
    error, since the lesson goes on with the course's stored measurement.

    Raises
    ------
    NotFound: no such image. EngineLost: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    if image == bases.BUSYBOX:
        bases.busybox(engine)
    guest = engine.architecture
    say = lambda line: print(line, flush=True)  # noqa: E731
    try:
        found = qemu(guest, say)
        files = Files(guest, kernel(guest, say), initramfs(engine, image))
        return Ready(found, choose(found, files), files)
    except (MachineFailed, DownloadFailed, NoSpace, NotWritable) as error:
        return Ready(missing=error)
