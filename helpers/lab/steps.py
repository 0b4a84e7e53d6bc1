"""One long step of an installer, with a word every few seconds; a bare Python runs this too."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from pathlib import Path

from ..errors import LabFailed
from ..messages import text

__all__ = ["step"]

DEFAULT = "lab.environment.failed"
QUIET = 5  # seconds of a long step after which a line says that it still runs
# What installers say when the machine cannot reach an index.
NO_NETWORK = (
    "name resolution", "dns error", "error sending request", "failed to establish",
    "connection refused", "could not connect", "network is unreachable", "proxyerror",
    "operation timed out", "failed to fetch",
)  # fmt: skip


def step(
    command: list[str],
    variables: dict[str, str],
    folder: Path,
    failed: str = DEFAULT,
) -> None:
    """Run one long step; say every few seconds that it still runs, and with what.

    Parameters
    ----------
    folder: where ``environment.log`` is written.
    failed: the message for a failure of which nothing better is known.

    Raises
    ------
    LabFailed: it failed.
    """
    log = folder / "environment.log"
    lines: queue.Queue[str | None] = queue.Queue()
    process = subprocess.Popen(
        command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", cwd=folder,
    )  # fmt: skip

    def read() -> None:
        with log.open("a", encoding="utf-8") as file:
            for line in process.stdout or ():
                file.write(line)
                lines.put(line.strip())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    began = said = time.monotonic()
    seen: list[str] = []
    while True:
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=1)
            if line is None:
                break
            seen.append(line)
        if time.monotonic() - said > QUIET:
            said = time.monotonic()
            last = seen[-1][:60] if seen else Path(command[0]).name
            print(text("lab.environment.still", seconds=round(said - began), step=last), flush=True)
    if process.wait():
        tail = "\n".join(seen[-8:])
        known = tail.lower()
        key = failed
        if "no space left" in known:
            key = "lab.environment.full"
        elif "--no-index" not in command and any(sign in known for sign in NO_NETWORK):
            key = "lab.environment.offline"
        elif failed == DEFAULT and "no matching distribution" in known:
            key = "lab.environment.offline"  # the lock names none that does not exist
        raise LabFailed(key, tail=tail, log=log)
