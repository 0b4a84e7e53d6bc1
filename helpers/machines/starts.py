"""How long it takes to start a program: by itself, in a container, in a virtual machine."""

from __future__ import annotations

import platform
import shutil

from .. import bases, debian
from ..bases.busybox_root import SUITE, program
from ..engine import Engine, connect
from ..engine.packages import architecture
from ..paths import home, writable
from .initramfs import READY
from .measuring import first_line, run_line
from .model import Start, Starts
from .ready import Ready, ready
from .stored import load

__all__ = ["start_times"]


def start_times(
    process: int = 20,
    container: int = 10,
    machine: int = 5,
    *,
    image: str = bases.BUSYBOX,
    engine: Engine | None = None,
) -> Starts:
    """Start a program again and again in each way, and time each start to its first line.

    The same program writes the same line: BusyBox's ``echo`` started by this process (another
    ``echo`` where the host is no Linux); by `docker run`, as a learner types it; and in a virtual
    machine by its first process. Each starts from nothing each time.

    Parameters
    ----------
    process, container, machine: how often; at least twice, since the first is told apart.

    Raises
    ------
    MachineFailed, TimedOut: something did not start. EngineLost: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    found = ready(image, engine)
    alone = _alone()
    rows = [
        Start("process", tuple(first_line(alone) for _ in range(process))),
        Start("container", tuple(run_line(engine, image) for _ in range(container))),
        _machines(found, machine),
    ]
    return Starts(tuple(rows), remote=engine.endpoint.remote or engine.desktop)


def _machines(found: Ready, count: int) -> Start:
    if found.missing or found.choice is None:
        known = load()
        return Start("machine", known.starts[:count], known.board, known.date)
    took = []
    for _ in range(count):
        machine = found.start()
        took.append(machine.seconds)
        machine.stop()
    return Start("machine", tuple(took), found.choice.board)


def _alone() -> list[str]:
    """Return the command of a bare process: BusyBox itself, where it runs without a container."""
    if platform.system() != "Linux" or architecture() not in bases.busybox_root.ARCHITECTURES:
        echo = shutil.which("echo")
        return [echo, READY] if echo else ["cmd", "/c", f"echo {READY}"]
    path = writable(home() / "machines") / f"busybox-{architecture()}"
    if not path.exists():
        (deb,) = debian.fetch(["busybox-static"], SUITE, architecture())
        part = path.with_suffix(".part")
        part.write_bytes(program(deb))
        part.chmod(0o755)
        part.replace(path)
    return [str(path), "echo", READY]
