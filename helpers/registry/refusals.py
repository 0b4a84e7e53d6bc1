"""What the daemon says when a push or a pull fails, turned into the course's errors.

The two image stores word the same refusal differently; the sentences are those of Engine 20.10 to
28.5.
"""

from __future__ import annotations

import re

from ..errors import CourseError, EngineFailed, EngineLost, NoSpace, NotFound, RegistryDenied

__all__ = ["error", "last", "unauthorized"]

DENIED = re.compile(
    r"no basic auth credentials|401 unauthorized|authorization failed|authentication required"
    r"|unauthorized: ", re.IGNORECASE,
)  # fmt: skip
ABSENT = re.compile(r"manifest unknown|no such image|name unknown|: not found", re.IGNORECASE)
SILENT = re.compile(r"connection refused|connection reset|EOF$|no route to host|i/o timeout", re.I)
OTHER = re.compile(
    r"no matching manifest|no match for platform|does not match the specified platform", re.I
)
CHANGED = re.compile(
    r"filesystem layer verification failed|unexpected commit digest|digest mismatch"
    r"|digest_invalid|did not match|manifest verification failed", re.IGNORECASE,
)  # fmt: skip


def unauthorized(said: str) -> bool:
    """Whether somebody was refused for want of a (right) login."""
    return bool(DENIED.search(said))


def last(said: str) -> str:
    """Return the last link of a chain of errors, the one that says why."""
    line = said.strip().splitlines()[-1] if said.strip() else "?"
    return line.rsplit('": ', 1)[-1].strip()


def error(said: str, *, name: str, url: str, platform: str = "") -> CourseError:
    """Return the course's error for what the daemon said of a push or a pull.

    Parameters
    ----------
    name: of the image.
    url: of the registry.
    platform: that was asked for.
    """
    if "no space left on device" in said:
        return NoSpace("engine.no_space")
    if OTHER.search(said):
        return NotFound("registry.no_platform", name=name, platform=platform, known="–")
    if CHANGED.search(said):
        return EngineFailed("registry.digest", name=name)
    if unauthorized(said):
        return RegistryDenied("registry.no_login", url=url)
    if SILENT.search(said):
        return EngineLost("registry.lost", url=url, reason=last(said))
    if ABSENT.search(said):
        return NotFound("registry.missing", name=name, known="–")
    return EngineFailed("registry.refused", name=name, reason=said)
