"""Where things of the course lie: the clone, and the course's own folder outside it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import platformdirs

from .errors import NoSpace, NotWritable

ROOT = Path(__file__).resolve().parent.parent
# The tests of the authoring pipeline have lessons of their own.
LESSONS = Path(os.environ.get("LAYER_BY_LAYER_LESSONS") or ROOT / "lessons")
NOTEBOOKS = ROOT / "notebooks"
WORK = ROOT / "work"


def home() -> Path:
    """Return the course's own folder: engines, package cache, index, journal, progress.

    ``LAYER_BY_LAYER_HOME`` names another one; the default is the user's cache folder.

    Raises
    ------
    NotWritable: the folder cannot be made or written (a read-only home).
    NoSpace: the disk is full.
    """
    chosen = os.environ.get("LAYER_BY_LAYER_HOME")
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("layer-by-layer")
    return writable(folder)


def writable(folder: Path) -> Path:
    """Make ``folder`` if it is missing, prove that it can be written, and return it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("errors.no_space", folder=folder) from None
        raise NotWritable("errors.not_writable", folder=folder, reason=error.strerror) from None
    return folder
