"""What a private engine leaves on its host: processes, control groups, an empty folder."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from pathlib import Path

__all__ = ["OPT", "children", "ended", "remove_cgroups", "remove_opt", "send", "started"]

OPT = Path("/opt/containerd")  # containerd makes it, empty, wherever its data lies


def started(pid: int) -> str | None:
    """Return when a process was started, in clock ticks since boot (proc(5), field 22)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None


def children(pid: int) -> list[int]:
    """Return the processes that a process started; none if it is gone."""
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process, gone or not."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def ended(pid: int, seconds: float) -> bool:
    """Wait until a process is gone, reaping it if it is ours; return whether it is."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        if started(pid) is None:
            return True
        time.sleep(0.05)
    return False


def remove_cgroups(name: str) -> None:
    """Remove the engine's empty control groups, deepest first; the kernel refuses others."""
    base = Path("/sys/fs/cgroup")
    for parent in (base, *base.glob("*/")):
        top = parent / name.strip("/")
        if not top.is_dir():
            continue
        for folder, _, _ in os.walk(top, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
        with contextlib.suppress(OSError):
            top.parent.rmdir()


def remove_opt(config: Path) -> None:
    """Remove the empty folder that containerd made, unless it was there before."""
    with contextlib.suppress(FileNotFoundError):
        if json.loads(config.read_text()).get("opt", True):
            return
        for folder in (OPT / "bin", OPT / "lib", OPT):
            with contextlib.suppress(OSError):  # not empty: somebody uses it
                folder.rmdir()
