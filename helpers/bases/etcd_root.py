"""etcd, the database that Kubernetes keeps its objects in, without a pull."""

from __future__ import annotations

from ..engine import Engine, connect
from . import debian_root
from .archive import Recipe, present
from .busybox_root import known_architecture, mark
from .extend import extend

__all__ = ["NAME", "PACKAGES", "etcd"]

NAME = "lbl/etcd:3"
VERSION = 1  # of this recipe; count up when the image changes
PACKAGES = ("etcd-server", "etcd-client")
# Without its start script the package does not try to start a service while it is installed.
EXCLUDED = ("/etc/init.d/etcd*", "/lib/systemd/system/etcd*", "/etc/default/etcd*")


def etcd(engine: Engine | None = None) -> str:
    """Make the image ``lbl/etcd:3`` unless the engine holds it, and return its name.

    One layer on ``lbl/debian:12``: Debian's etcd and etcdctl.

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
        author=mark(engine, "etcd", VERSION, debian_root.VERSION, architecture),
        created_by="etcd 3, from Debian 12",
        cmd=("etcd", "--data-dir", "/run/etcd"),
        exposed=("2379/tcp", "2380/tcp"),
    )
    if present(engine, recipe):
        return NAME
    return extend(engine, recipe, PACKAGES, excluded=EXCLUDED)
