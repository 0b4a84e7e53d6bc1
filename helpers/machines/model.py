"""What was measured of a container and of a virtual machine with the same files."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["EMULATED", "Beside", "Board", "Half", "Start", "Starts"]

EMULATED = "tcg"  # QEMU's name of its emulator (Tiny Code Generator)


@dataclass(frozen=True)
class Board:
    """How a virtual machine is run.

    Attributes
    ----------
    name: QEMU's name of the machine: ``microvm``, ``pc`` or ``virt``.
    accelerator: ``kvm`` or ``hvf`` (the processor runs the guest), ``tcg`` (QEMU emulates it).
    qemu: QEMU's version.
    """

    name: str
    accelerator: str
    qemu: str

    @property
    def emulated(self) -> bool:
        return self.accelerator == EMULATED


@dataclass(frozen=True)
class Half:
    """One of the two, measured.

    Attributes
    ----------
    seconds: from the command to the first line that a program in it wrote.
    memory: bytes. Of a container: what its control group is charged with. Of a machine: the
        resident memory of QEMU. None where this process cannot see it.
    helper: bytes of the process beside it that keeps a container (its shim); None as for memory.
    image: bytes on disk: the image's files, or the archive of them that the machine loads.
    kernel: bytes of the kernel that it brings along; 0 for a container.
    release: what ``uname -r`` says in it.
    boot: the identity of the kernel's run (``/proc/sys/kernel/random/boot_id``).
    seen: the programs that the host's list of processes shows for it.
    """

    seconds: float
    memory: int | None
    helper: int | None
    image: int
    kernel: int
    release: str
    boot: str
    seen: tuple[str, ...]


@dataclass(frozen=True)
class Beside:
    """The same files as a container and as a virtual machine.

    Attributes
    ----------
    image: its name.
    host: release and identity of the kernel that the engine runs on.
    recorded: the day of the stored measurement that ``machine`` comes from; None if both halves
        were measured in this run.
    where: the computer of that measurement, in words; empty for this one.
    """

    image: str
    container: Half
    machine: Half
    board: Board
    host: tuple[str, str]
    recorded: str | None = None
    where: str = ""

    @property
    def shares_kernel(self) -> bool:
        """Whether the container runs on the host's kernel: the very same run of it."""
        return self.container.boot == self.host[1]


@dataclass(frozen=True)
class Start:
    """One way to start a program, started again and again.

    Attributes
    ----------
    kind: ``process``, ``container`` or ``machine``.
    seconds: one for each start, in order; the first stands alone, since nothing was warm then.
    board: of a machine.
    recorded: as in `Beside`.
    """

    kind: str
    seconds: tuple[float, ...]
    board: Board | None = None
    recorded: str | None = None

    @property
    def first(self) -> float:
        return self.seconds[0]

    @property
    def later(self) -> tuple[float, ...]:
        return self.seconds[1:]


@dataclass(frozen=True)
class Starts:
    """Start times of several ways, fastest kind first. ``remote``: the engine is elsewhere."""

    rows: tuple[Start, ...]
    remote: bool = False
    where: str = field(default="")
