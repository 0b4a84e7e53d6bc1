"""Kubernetes built from Debian's own source package into the course's cache.

No registry of packages ships an API server that runs as it is, and images cannot be pulled
everywhere. Debian 12's source package holds all of Kubernetes 1.20, though Debian builds only
kubectl from it, and Debian has the compiler.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from ...errors import KubernetesFailed
from ...messages import text
from ...paths import home, writable
from .background import Handle, begin
from .compiling import make
from .recipe import NAMES, VERSION, folder

__all__ = ["VERSION", "Handle", "begin", "build", "programs"]

Line = Callable[[str], None]


def programs() -> Path | None:
    """Return the folder of the finished programs; None while they are not built."""
    found = folder()
    return found if all((found / name).exists() for name in NAMES) else None


def build(progress: Line = lambda line: None) -> Path:
    """Build the programs unless that is done, and return their folder.

    One at a time: if another process builds, this one waits for it. About 150 MB are fetched, 2.5
    GB of disk are used until it ends and 250 MB after that, and two cores work for five minutes, at
    low priority.

    Raises
    ------
    KubernetesFailed: this is no Linux, or the compiler gave up.
    DownloadFailed, NoSpace, NotWritable: as their names say.
    """
    if sys.platform != "linux":
        raise KubernetesFailed("kubernetes.build.not_linux")
    if found := programs():
        return found
    place = writable(home() / "kubernetes")
    lock = FileLock(place / "build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        progress(text("kubernetes.build.waiting"))
        lock.acquire()
    try:
        if found := programs():
            return found
        make(place / "work", folder(), progress)
        for old in place.glob("[0-9]*-*"):  # of an older recipe
            if old != folder():
                shutil.rmtree(old, ignore_errors=True)
        for log in place.glob("build.*.log"):
            log.unlink(missing_ok=True)
        return folder()
    finally:
        lock.release()
