"""Debian's newest kubectl, for a server that neither the user's nor the course's own fits."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from filelock import FileLock

from .. import debian
from ..engine.packages import architecture
from ..errors import DownloadFailed
from ..paths import home, writable

__all__ = ["newest"]

SUITE = "forky"
PACKAGE = "kubectl"


def newest() -> Path | None:
    """Return Debian's kubectl, unpacked into the course's cache; None where it cannot be had."""
    if platform.system() != "Linux":
        return None
    folder = writable(home() / "programs") / "kubectl"
    with FileLock(folder.with_suffix(".lock")):
        if found := _program(folder):
            return found
        part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        try:
            debs = debian.fetch([PACKAGE], SUITE, architecture())
        except DownloadFailed:
            return None
        debian.unpack(debs, part)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    return _program(folder)


def _program(folder: Path) -> Path | None:
    path = folder / "usr/bin/kubectl"
    return path if os.access(path, os.X_OK) else None
