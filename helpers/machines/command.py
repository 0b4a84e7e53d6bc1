"""The words that start a virtual machine: no network, no disk, no window, a serial line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .model import Board
from .programs import Qemu

__all__ = ["MEMORY", "Files", "board", "said", "words"]

MEMORY = 128  # MiB
# microvm has neither PCI nor, here, ACPI: with ACPI its interrupts do not arrive under the emulator
# (QEMU 7.2, Linux 6.1), and the kernel waits for ever. Without it, it restarts by a triple fault.
SPELLED = {"microvm": "microvm,acpi=off"}
BOARDS = {"amd64": ("microvm", "pc"), "arm64": ("virt",)}
CONSOLES = {"amd64": "ttyS0", "arm64": "ttyAMA0"}
RESTART = {"microvm": "t", "pc": "k"}  # reboot=…, Documentation/admin-guide/kernel-parameters.txt


@dataclass(frozen=True)
class Files:
    """What a machine starts from, and the architecture of both."""

    guest: str
    kernel: Path
    root: Path


def board(qemu: Qemu, guest: str, accelerator: str) -> Board:
    """Return the leanest machine that this QEMU can be."""
    wanted = BOARDS[guest]
    name = next((one for one in wanted if one in qemu.boards), wanted[-1])
    return Board(name, accelerator, qemu.version)


def words(qemu: Qemu, board: Board, files: Files) -> list[str]:
    """Return the whole command."""
    firmware = [word for folder in qemu.firmware for word in ("-L", str(folder))]
    return [*qemu.command, *firmware, *_options(board, str(files.kernel), str(files.root), files)]


def said(qemu: Qemu, board: Board, files: Files) -> tuple[str, list[str]]:
    """Return the command as a learner would type it: what differs by computer, and the rest."""
    options = _options(board, "vmlinuz", "root.cpio.gz", files)
    return " ".join([qemu.name, *options[:6]]), options[6:]


def _options(board: Board, kernel: str, root: str, files: Files) -> list[str]:
    tail = f" reboot={RESTART[board.name]}" if board.name in RESTART else ""
    append = f"console={CONSOLES[files.guest]} quiet panic=-1{tail}"
    return [
        "-M", SPELLED.get(board.name, board.name),
        "-accel", board.accelerator,
        "-cpu", "max",
        "-m", f"{MEMORY}M",
        # no device but the serial line: nothing of the host can be reached, nor from outside
        "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none",
        "-serial", "stdio", "-no-reboot",
        "-kernel", kernel, "-initrd", root, "-append", append,
    ]  # fmt: skip
