"""Write into a volume until it is full."""

from __future__ import annotations

import shlex

from .. import bases, containers
from ..engine import Engine, connect, labels
from ..engine.patience import patient, until
from ..errors import NoSpace, VolumeFailed
from ..text import plain
from ..text import size as human
from .amounts import amount
from .own import ANSWER, ours

__all__ = ["fill"]

PLACE = "/volume"
FILE = "fill"
BLOCK = 1024  # bytes that are written at a time
MOST = 1 << 30  # bytes: what is asked for by mistake must not fill the learner's disk
WRITE = 120  # seconds


def fill(name: str, size: str, *, engine: Engine | None = None) -> int:
    """Write ``size`` zero bytes into the file ``fill`` of a volume; return how many it holds then.

    The `docker run` line that does it is printed.

    Parameters
    ----------
    size: ``"512k"``, ``"1m"``; a gigabyte at most.

    Raises
    ------
    NoSpace: the volume, or the disk that it lies on, is full; what fitted is still there.
    NotFound, NotOurs: there is no volume of that name, or it is not the course's.
    VolumeFailed: no size, or too large a one.
    TimedOut, EngineLost: the writing took too long, or the daemon went away.
    """
    engine = engine or connect()
    ours(engine, name)
    asked = amount(size)
    if asked > MOST:
        raise VolumeFailed("volumes.bad_size", size=size)
    image = bases.busybox(engine)
    command = ["dd", "if=/dev/zero", f"of={PLACE}/{FILE}", f"bs={BLOCK}", f"count={asked // BLOCK}"]
    words = ["docker", "run", "--rm", "-v", f"{name}:{PLACE}", image, *command]
    print(f"$ {plain(shlex.join(words))}")
    body = {
        "Image": image,
        # in one shell: a volume in memory would be gone before a second container could look
        "Cmd": ["sh", "-c", '"$@"; stat -c %s "$0"', f"{PLACE}/{FILE}", *command],
        "Labels": labels.make(labels.named(name), role="writer"),
        "HostConfig": {"Binds": [f"{name}:{PLACE}"], "NetworkMode": "none"},
    }
    with patient(engine, ANSWER) as api:
        identifier = api.create_container_from_config(body)["Id"]
        try:
            api.start(identifier)
            until(
                lambda: not api.inspect_container(identifier)["State"]["Running"],
                WRITE, "volumes.waiting_fill", name=name,
            )  # fmt: skip
            output = plain(api.logs(identifier).decode(errors="replace"))
        finally:
            containers.lifecycle.delete(engine, identifier)
    # dd writes to the other stream, so its lines may come before or after the number
    written = max((int(line) for line in output.splitlines() if line.isdigit()), default=0)
    if "no space left" in output.lower() or written < asked // BLOCK * BLOCK:
        raise NoSpace("volumes.full", name=name, size=human(asked), held=human(written))
    return written
