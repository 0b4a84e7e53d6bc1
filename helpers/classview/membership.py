"""The class that this machine reports to: one file in the course's folder, written by ``join``."""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from .. import paths
from ..errors import CourseError, NotWritable
from . import code, contract

__all__ = ["Membership", "current", "drop", "keep"]

LASTS = 3 * 86_400  # seconds; who forgets to leave has left after three days


@dataclass(frozen=True)
class Membership:
    """A class that was joined.

    Parameters
    ----------
    code: as typed.
    name: of the learner, as typed.
    seat: see `contract.Report`.
    title: what the instructor calls the class.
    until: when this ends by itself, in seconds of the epoch.
    """

    code: str
    name: str
    seat: str
    title: str
    until: float


def file() -> Path:
    """Return where it is kept."""
    return paths.home() / "joined.json"


def current() -> Membership | None:
    """Return what this machine reports to now, if anything.

    A file that cannot be understood, or that is over, counts as none: reporting needs a clear yes.
    """
    try:
        found = Membership(**json.loads(file().read_text("utf-8")))
        code.read(found.code)
        contract.clean_seat(found.seat)
        contract.clean_name(found.name)
        over = time.time() > float(found.until)
    except (OSError, ValueError, TypeError, RecursionError, CourseError):
        return None
    return None if over else found


def keep(membership: Membership) -> None:
    """Write it down for all kernels of this machine; readable by its owner only.

    Raises
    ------
    NotWritable: the course's folder cannot be written.
    """
    path = file()
    part = None
    try:
        # mkstemp makes files with mode 0600
        descriptor, part = tempfile.mkstemp(dir=path.parent, prefix="joined")
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(asdict(membership), stream, ensure_ascii=False)
        Path(part).replace(path)
    except OSError as error:
        if part:
            Path(part).unlink(missing_ok=True)
        reason = error.strerror
        raise NotWritable("errors.not_writable", folder=path.parent, reason=reason) from None


def drop() -> None:
    """End it.

    Raises
    ------
    NotWritable: the file cannot be removed.
    """
    path = file()
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror
        raise NotWritable("errors.not_writable", folder=path.parent, reason=reason) from None
