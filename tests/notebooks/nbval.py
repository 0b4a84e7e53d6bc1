"""Run one notebook under nbval in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from helpers import paths

from . import timing

SANITIZER = paths.ROOT / "sanitize.cfg"
CELL_TIMEOUT = 300  # seconds: a cell that watches a cluster heal, beside two other tests
NOTEBOOK_TIMEOUT = 900  # seconds


def run(
    notebook: Path, environment: dict[str, str], times: Path | None = None
) -> tuple[bool, str]:
    """Return whether every cell gave the stored output, and pytest's report.

    Parameters
    ----------
    times: where to note the seconds of each part; default: nowhere.
    """
    command = [sys.executable, "-m", "pytest", "-p", "tests.notebooks.lean"]
    if times:
        command += ["-p", "tests.notebooks.timing"]
        environment = {**environment, timing.FILE: str(times)}
    command += ["--nbval", "--nbval-current-env"]
    command += ["--nbval-sanitize-with", str(SANITIZER)]
    command += ["--nbval-cell-timeout", str(CELL_TIMEOUT)]
    # what fails after three cells would only take time: cells build on one another
    command += ["-p", "no:cacheprovider", "--color=no", "-q", "--maxfail=3", str(notebook)]
    try:
        done = subprocess.run(
            command,
            cwd=paths.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=NOTEBOOK_TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        return False, f"no end after {NOTEBOOK_TIMEOUT} s\n{error.stdout}"
    return done.returncode == 0, done.stdout
