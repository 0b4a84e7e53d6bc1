"""The Python packages of the lock as wheels, for a machine that has no network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ..errors import LabFailed
from ..messages import text
from ..paths import ROOT, home, writable

__all__ = ["fetch"]

PYTHON = "3.11"  # Debian 12's
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
# pip takes exactly the tags that it is told; Debian 12 has glibc 2.36 (PEP 600).
GLIBC = (36, 35, 34, 31, 28, 27, 26, 24, 17, 12, 5)


def fetch(architecture: str) -> Path:
    """Return a folder with a wheel of each package of ``requirements.lock``, held against its hash.

    Raises
    ------
    LabFailed: pip could not fetch them; the message holds the end of what it said.
    """
    folder = writable(home() / "wheels" / f"{PYTHON}-{architecture}")
    lock = ROOT / "requirements.lock"
    stamp = folder / ".lock"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return folder
    print(text("classroom.fetching"), flush=True)
    machine = MACHINES[architecture]
    tags = [f"manylinux_2_{minor}_{machine}" for minor in GLIBC]
    tags += [
        f"{old}_{machine}" for old in ("manylinux2014", "manylinux2010", "manylinux1", "linux")
    ]
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "--no-deps", "--only-binary", ":all:", "--implementation", "cp",
        "--python-version", PYTHON, "--dest", str(folder), "--requirement", str(lock),
    ]  # fmt: skip
    for tag in tags:
        command += ["--platform", tag]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        tail = "\n".join(made.stderr.splitlines()[-8:])
        raise LabFailed("classroom.wheels", tail=tail)
    stamp.write_bytes(lock.read_bytes())
    return folder
