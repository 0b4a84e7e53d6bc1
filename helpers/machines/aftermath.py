"""Everything deleted, and the first process or the kernel brought down: what is left standing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import docker

from .. import containers
from ..containers.quietly import quietly
from ..engine import Engine, talking
from ..errors import MachineFailed
from ..messages import text
from ..text import padded, plain
from .live import Machine
from .measuring import run_line
from .pair import Pair, bracketed
from .stored import Recorded

__all__ = ["CRASH", "Aftermath", "Left", "crash", "wipe"]

WIPE = "rm -rf / 2>/dev/null"
COUNT = "ls /bin | wc -l"
NOTHING = "echo /bin/*"  # the shell's own; the pattern stays as it is when nothing fits it
CRASH = "echo c > /proc/sysrq-trigger"
PANIC = "Kernel panic - not syncing"
LIMIT = 120.0  # seconds to delete everything


@dataclass(frozen=True)
class Left:
    """What stood in one of the two afterwards.

    Attributes
    ----------
    programs: in ``/bin``; None if there was nothing left that could be asked.
    runs: whether its first process still ran.
    again: programs in ``/bin`` of a new one, started from the same image.
    seconds: until that new one was there.
    """

    programs: int | None
    runs: bool
    again: int
    seconds: float


@dataclass(frozen=True, repr=False)
class Aftermath:
    """Both, after the same blow.

    Attributes
    ----------
    kind: ``wipe`` or ``crash``.
    image: whether the image is the same as before, to its identity.
    host: whether the host's kernel still runs, and its own files are all there.
    """

    kind: str
    container: Left
    machine: Left
    image: bool
    host: bool

    def __str__(self) -> str:
        rows = [("", *(text(f"machines.after.{side}") for side in ("container", "machine")))]
        both = (self.container, self.machine)
        if self.kind == "wipe":
            told = (str(left.programs) if left.programs is not None else "–" for left in both)
            rows.append((text("machines.after.programs"), *told))
        for key, values in (
            ("runs", (left.runs for left in both)),
            ("image", (self.image, self.image)),
            ("host", (self.host, self.host)),
            ("again", (left.again > 0 for left in both)),
        ):
            said = (text(f"machines.after.{key}_{'yes' if one else 'no'}") for one in values)
            rows.append((text(f"machines.after.{key}"), *said))
        return "\n".join(_row(row) for row in rows)

    __repr__ = __str__


def _row(cells: tuple[str, ...]) -> str:
    return "  ".join((padded(cells[0], 26), padded(cells[1], 22), cells[2])).rstrip()


def wipe(pair: Pair) -> Aftermath:
    """Delete everything in both, as `rm -rf /` does, and look at what is left.

    The container has no folder of the host mounted: that is checked first. Everything that is
    deleted there is deleted in its writable layer.

    Raises
    ------
    MachineFailed: the container has something mounted, or is privileged; nothing was deleted.
    ContainerFailed, TimedOut, EngineLost: as for `Pair.ask`.
    """
    pair.ensure_container()
    _harmless(pair.engine, pair.name)
    before = _state(pair)
    machine = pair.machine
    print(f"$ docker exec {pair.name} sh -c '{WIPE}'\nvm# {WIPE}")
    pair.wrecked = True
    quietly(pair.engine, pair.name, ["sh", "-c", WIPE], LIMIT)
    machine.run(WIPE, LIMIT)
    reply = machine.run(NOTHING).output.split()
    left = 0 if reply == ["/bin/*"] else len(reply)
    box = Left(_programs(pair.engine, pair.name), _runs(pair), *_again(pair))
    guest = _machine_again(pair, left, runs=isinstance(machine, Recorded) or machine.running)
    same = _state(pair)
    return Aftermath("wipe", box, guest, before[0] == same[0], before[1:] == same[1:])


def crash(pair: Pair) -> Aftermath:
    """Bring down the machine's kernel and the container's first process; look at what is left.

    The kernel is told to panic through its own magic SysRq key
    (Documentation/admin-guide/sysrq.rst). This is never done in the container, whose kernel is the
    host's; Docker also mounts that file read-only there.

    Raises
    ------
    MachineFailed: the kernel did not panic. Others as for `wipe`.
    """
    pair.ensure_container()
    before = _state(pair)
    machine = pair.machine
    containers.kill(pair.name, engine=pair.engine)
    print(f"vm# {CRASH}")
    last = machine.crash()
    line = next((one for one in last.splitlines() if PANIC in one), None)
    if line is None:
        raise MachineFailed("machines.no_panic", tail=last.strip()[-300:] or "–")
    print(bracketed(plain(line), pair.recorded))
    box = Left(None, _runs(pair), *_again(pair))
    guest = _machine_again(pair, None, runs=isinstance(machine, Machine) and machine.running)
    same = _state(pair)
    return Aftermath("crash", box, guest, before[0] == same[0], before[1:] == same[1:])


def _harmless(engine: Engine, name: str) -> None:
    with talking(engine):
        found = engine.client.api.inspect_container(name)
    own = found["HostConfig"]
    if found.get("Mounts") or own.get("Binds") or own.get("Privileged") or own.get("Devices"):
        raise MachineFailed("machines.has_mounts", name=name)


def _state(pair: Pair) -> tuple[str, tuple[str, str], tuple[str, ...]]:
    """The image's identity, the host's kernel, and what stands in some of the host's folders."""
    with talking(pair.engine):
        identity = pair.engine.client.api.inspect_image(pair.image)["Id"]
    root = Path(Path.cwd().anchor)
    folders = [folder for folder in (root, root / "bin", root / "Users") if folder.is_dir()]
    names = tuple(sorted(str(path) for folder in folders for path in folder.iterdir()))
    return identity, pair.host(), names


def _runs(pair: Pair) -> bool:
    with talking(pair.engine):
        return pair.engine.client.api.inspect_container(pair.name)["State"]["Running"]


def _programs(engine: Engine, name: str) -> int:
    """Return how many programs lie in /bin, read from outside: inside there may be none to ask.

    All of the course's BusyBox are one program with many names.
    """
    with talking(engine):
        try:
            engine.client.api.get_archive(name, "/bin/busybox")
        except docker.errors.NotFound:
            return 0
    return 1


def _again(pair: Pair) -> tuple[int, float]:
    """Start a new container of the image; return its programs and how long it took."""
    took = run_line(pair.engine, pair.image)
    output = pair.engine.client.containers.run(pair.image, ["sh", "-c", COUNT], remove=True)
    return int(output.decode().strip()), took


def _machine_again(pair: Pair, programs: int | None, *, runs: bool) -> Left:
    """End the machine that was hit and put a new one in its place."""
    pair.unplug()
    new = pair.machine
    return Left(programs, runs, int(new.run(COUNT).output.strip() or 0), new.seconds)
