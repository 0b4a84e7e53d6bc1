"""The cache salt: what makes this life of the course different from the one before.

A builder remembers every step it ever ran. If a base image were the same bytes in every life of
the course, a step that the text of a lesson calls a miss would be a hit for whoever takes it a
second time. So each base image holds a small random file, the salt, kept in the course's folder:

* it survives a kernel restart, so a base image that must be made again has the same bytes and the
  same diff ID, and everything that was built on it still stands on it;
* it goes with clean-up, and with the next salt every step is new to the builder.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from ..engine import Engine
from ..paths import home, writable
from .archive import room

__all__ = ["SALT_FILE", "forget_salt", "salt"]

SALT_FILE = "etc/layer-by-layer-salt"
_DIGITS = 32


def _path(engine: Engine) -> Path:
    return home() / "salts" / re.sub(r"[^\w.-]", "_", engine.id)


def salt(engine: Engine) -> str:
    """Return a daemon's salt, 32 hexadecimal digits; a new one is made where there is none."""
    path = _path(engine)
    writable(path.parent)
    for _ in range(2):
        try:
            found = path.read_text().strip()
        except FileNotFoundError:
            found = None
        if found and re.fullmatch(f"[0-9a-f]{{{_DIGITS}}}", found):
            return found
        if found is not None:
            path.unlink(missing_ok=True)  # torn by a full disk: worthless
        fresh = secrets.token_hex(_DIGITS // 2)
        part = path.with_name(f"{path.name}.{fresh}.part")
        with room(path.parent):
            part.write_text(f"{fresh}\n")
        try:
            os.link(part, path)  # two kernels may get here at once: the first one wins
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return path.read_text().strip()


def forget_salt(engine: Engine) -> None:
    """Throw a daemon's salt away; clean-up of everything does."""
    _path(engine).unlink(missing_ok=True)
