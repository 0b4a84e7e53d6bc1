"""Whether the processor can run the guest itself: proved by a start that is given a few seconds.

That ``/dev/kvm`` exists proves nothing: in a virtual machine without working nested virtualisation
it is there, and a guest on it hangs. What was found is remembered until the host is started anew.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import psutil

from ..engine.packages import architecture
from ..errors import MachineFailed, TimedOut
from ..paths import home, writable
from .command import Files, board
from .live import Machine
from .model import EMULATED, Board
from .programs import Qemu

__all__ = ["PROBE", "Choice", "choose"]

KVM = Path("/dev/kvm")
PROBE = 8.0  # seconds; a guest under KVM is there after less than one


@dataclass(frozen=True)
class Choice:
    """How machines are run on this computer, and why not by the processor.

    Attributes
    ----------
    why: ``proved``; ``no_device`` (no KVM or none that this user may open), ``hangs``, ``fails``,
        ``other_processor`` (the guest's architecture is another one).
    probed: whether a start was tried just now; else the answer is a remembered one.
    """

    board: Board
    why: str
    probed: bool = False


def choose(qemu: Qemu, files: Files) -> Choice:
    """Return the fastest way to run a machine that works here."""
    accelerator, why = _candidate(files.guest)
    if accelerator is None:
        return Choice(board(qemu, files.guest, EMULATED), why)
    known = _recall(f"{accelerator} {files.guest} {qemu.version}")
    probed = known is None
    if known is None:
        known = _probe(qemu, files, accelerator)
        _remember(f"{accelerator} {files.guest} {qemu.version}", known)
    chosen = accelerator if known == "proved" else EMULATED
    return Choice(board(qemu, files.guest, chosen), known, probed)


def _candidate(guest: str) -> tuple[str | None, str]:
    if guest != architecture():
        return None, "other_processor"
    if platform.system() == "Linux" and os.access(KVM, os.R_OK | os.W_OK):
        return "kvm", ""
    if platform.system() == "Darwin":
        return "hvf", ""
    return None, "no_device"


def _probe(qemu: Qemu, files: Files, accelerator: str) -> str:
    try:
        machine = Machine(qemu, board(qemu, files.guest, accelerator), files, limit=PROBE)
    except TimedOut:
        return "hangs"
    except MachineFailed:
        return "fails"
    machine.stop()
    return "proved"


def _since() -> str:
    """What tells this run of the host from the one before."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(round(psutil.boot_time()))


def _path() -> Path:
    return writable(home() / "machines") / "acceleration.json"


def _recall(key: str) -> str | None:
    try:
        found = json.loads(_path().read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found.get(key) if found.get("since") == _since() else None


def _remember(key: str, known: str) -> None:
    try:
        found = json.loads(_path().read_text())
    except (FileNotFoundError, ValueError):
        found = {}
    if found.get("since") != _since():
        found = {"since": _since()}
    part = _path().with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps({**found, key: known}))
    part.replace(_path())
