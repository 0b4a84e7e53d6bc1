"""Programs of the system that a class calls."""

from __future__ import annotations

import os
import subprocess

from .settings import ClassroomError

__all__ = ["run"]


def run(command: list[str]) -> str:
    """Run a program; return what it printed.

    Raises
    ------
    ClassroomError: it is missing, or failed.
    """
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    try:
        found = subprocess.run(
            command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise ClassroomError("classroom.no_program", program=command[0]) from None
    if found.returncode:
        raise ClassroomError("classroom.program", program=command[0], reason=found.stderr.strip())
    return found.stdout.strip()
