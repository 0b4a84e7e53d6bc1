"""Redis, a small database that keeps its data in memory and writes it to a file, without a pull."""

from __future__ import annotations

from ..engine import Engine, connect
from . import debian_root
from .archive import Recipe, present
from .busybox_root import known_architecture, mark
from .extend import extend

__all__ = ["NAME", "PACKAGES", "redis"]

NAME = "lbl/redis:7"
VERSION = 1  # of this recipe; count up when the image changes
PACKAGES = ("redis-server",)
# Without its start script the package does not try to start a service while it is installed.
EXCLUDED = ("/etc/init.d/redis*", "/lib/systemd/system/redis*", "/etc/redis/*")
# A new named volume takes over the owner of the folder that it is mounted on.
SCRIPT = "mkdir /data && chown redis:redis /data"
# Any address inside the container; who reaches that is decided by the networks that it is in.
COMMAND = ("redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--dir", "/data",
           "--appendonly", "yes")  # fmt: skip


def redis(engine: Engine | None = None) -> str:
    """Make the image ``lbl/redis:7`` unless the engine holds it, and return its name.

    One layer on ``lbl/debian:12``: Debian's redis-server and redis-cli. It listens on port 6379,
    writes each change to ``/data``, and can run as the user ``redis``.

    Raises
    ------
    EngineFailed, DownloadFailed, NotOurs, EngineLost, NoSpace, NotWritable, TimedOut: as for
        `helpers.bases.extend`.
    """
    engine = engine or connect()
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "redis", VERSION, debian_root.VERSION, architecture),
        created_by="Redis 7, from Debian 12",
        cmd=COMMAND,
        exposed=("6379/tcp",),
    )
    if present(engine, recipe):
        return NAME
    return extend(engine, recipe, PACKAGES, excluded=EXCLUDED, script=SCRIPT)
