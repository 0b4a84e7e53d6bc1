"""Make the course's stored measurement: ``python -m helpers.machines.recording``.

To be run on a computer with QEMU and little else to do; the file says which one it was.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
from dataclasses import asdict

from ..errors import MachineFailed
from . import measuring
from .aftermath import COUNT, NOTHING, WIPE
from .pair import KEEPS
from .ready import ready
from .stored import FILE

__all__ = ["ASKED", "record"]

STARTS = 8
# What lesson 05 asks its machine; other questions have no recorded reply.
ASKED = (
    measuring.RELEASE,
    measuring.BOOT,
    "md5sum /etc/passwd",
    "head -n 1 /proc/meminfo",
    "hostname",
    "ps",
    "ls /",
    COUNT,
)


def record() -> None:
    """Measure a machine here and store what was found.

    Raises
    ------
    MachineFailed, TimedOut: no machine can run here.
    """
    found = ready()
    if found.missing or found.choice is None:
        raise found.missing or MachineFailed("machines.broken", program="QEMU", reason="–")
    starts = []
    for _ in range(STARTS):
        machine = found.start()
        starts.append(machine.seconds)
        machine.stop()
    machine = found.start()
    machine.run(f"{' '.join(KEEPS)} &")
    half = measuring.machine(found, machine)
    replies = {command: machine.run(command).output for command in ASKED}
    machine.run(WIPE, 120)
    replies |= {WIPE: "", NOTHING: machine.run(NOTHING).output, f"{' '.join(KEEPS)} &": ""}
    machine.stop()
    machine = found.start()
    last = "\n".join(machine.crash().splitlines()[:3])
    system = f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}"
    kept = {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
        "where": f"{os.cpu_count()} cores {platform.machine()}, {system}",
        "board": asdict(found.choice.board),
        "half": asdict(half),
        "starts": [round(seconds, 3) for seconds in starts],
        "replies": replies,
        "last": last,
    }
    FILE.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    record()
