"""Machines that were started, noted down so that the next process can end those that were left.

A machine ends with the process that started it, but where that was killed on a system without
``setpriv``; there it ends by itself after half an hour without a command, or here.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil

from ..paths import home, writable

__all__ = ["end", "forget", "note", "running"]

WAIT = 5  # seconds for a killed process to be gone


def _folder() -> Path:
    return writable(home() / "machines" / "running")


def note(pid: int) -> None:
    """Note down a machine's process, with the time at which it was started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        (_folder() / str(pid)).write_text(repr(psutil.Process(pid).create_time()))


def forget(pid: int) -> None:
    """Take a process off the list."""
    (_folder() / str(pid)).unlink(missing_ok=True)


def running() -> list[psutil.Process]:
    """Return the machines on the list that run: the very processes that were started."""
    found = []
    for path in sorted(_folder().iterdir()):
        with contextlib.suppress(psutil.NoSuchProcess, ValueError):
            process = psutil.Process(int(path.name))
            # the number may be another process's by now
            if abs(process.create_time() - float(path.read_text())) < 0.02:
                found.append(process)
                continue
        path.unlink(missing_ok=True)
    return found


def end() -> int:
    """End every machine of the course on this computer; return how many there were."""
    found = running()
    for process in found:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(found, WAIT)
    for process in found:
        forget(process.pid)
    return len(found)
