"""A build of Kubernetes in a process of its own, for those who have other things to do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ...engine.patience import until
from ...engine.traces import ended, started
from ...errors import KubernetesFailed
from ...paths import ROOT, home, writable
from ...text import plain

__all__ = ["Handle", "begin"]

LINES = 12


@dataclass(frozen=True)
class Handle:
    """A build that runs in the background, or that had ended before.

    Parameters
    ----------
    process: its number; None if there was nothing to do.
    log: what it prints.
    """

    process: int | None
    log: Path
    began: str | None = None

    @property
    def running(self) -> bool:
        """Whether its process still works."""
        if self.process is None:
            return False
        with contextlib.suppress(ChildProcessError):  # somebody else's child
            os.waitpid(self.process, os.WNOHANG)
        return self.began is not None and started(self.process) == self.began

    def wait(self, seconds: float) -> Path:
        """Wait until the programs are built, and return their folder.

        Raises
        ------
        TimedOut: they were not in time; the build goes on.
        KubernetesFailed: the build failed; the message holds the end of what it printed.
        """
        from . import programs

        def look() -> Path | None:
            runs = self.running  # asked first: it may end between the two questions
            found = programs()
            if found is None and not runs:
                raise KubernetesFailed("kubernetes.build.ended", log=self.log, tail=self.tail())
            return found

        return until(look, seconds, "kubernetes.build.time", said=self.tail(1))

    def stop(self) -> None:
        """End the build; what it has done is not done again by the next one."""
        if self.running and self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process, signal.SIGTERM)
            if not ended(self.process, 10):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(self.process, signal.SIGKILL)

    def tail(self, lines: int = LINES) -> str:
        """Return the last lines that it printed."""
        if not self.log.exists():
            return ""
        return plain("\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:]))


def begin() -> Handle:
    """Begin a build in the background unless it is done; if one runs, the new one waits for it."""
    from . import programs

    log = writable(home() / "kubernetes") / f"build.{os.getpid()}.log"
    if programs():
        return Handle(None, log)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "helpers.kubernetes.building"], cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    return Handle(process.pid, log, started(process.pid))
