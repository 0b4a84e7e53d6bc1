"""What would go wrong in class, on this machine or on a list of machines, and what to do about it.

One small program (`probe`) looks at a machine and prints facts; over ssh it is fed to the Python
that is there. `judging` holds the facts against what the chosen lessons need. Of this machine's
daemon `helpers.engine.doctor` tells more.
"""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["command"]


def command(options: argparse.Namespace) -> int:
    """Carry out ``python -m helpers preflight``; the status is 1 if something stops the class."""
    from ..kit.checking import opened
    from . import hosts, report, room

    names = hosts.listed(options.hosts, Path(options.file) if options.file else None)
    kit = None
    if options.kit:
        with opened(Path(options.kit)) as (_, kit):
            pass
    found = room.look(names, room.needs(options.lessons, kit))
    if options.json:
        print(report.as_json(found))
    elif options.csv:
        print(report.as_csv(found), end="")
    else:
        print(report.as_text(found))
    return 1 if any(machine.stopped for machine in found) else 0
