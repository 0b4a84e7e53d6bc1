"""The classes of an instructor: a folder each, with its secret, its certificate, what was told.

They lie below ``classes`` in the course's folder, readable by their owner only. All that learners
need to stay joined is written down when the class is made, so that it survives every restart.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from .. import paths
from ..errors import ClassFailed, NotFound
from ..messages import text
from . import certificate, code
from .code import Code

__all__ = ["DEFAULT", "Class", "alone", "every", "find", "forget", "open_", "settled"]

DEFAULT = "main"
PORT, VIEW_PORT = 8765, 8865  # the first class's; the next ones take the ports after them
_PORTS = 100
_NAME = re.compile(r"\w[\w-]{0,29}")


@dataclass(frozen=True)
class Class:
    """One class.

    Parameters
    ----------
    secret: the part of the code that learners prove to have.
    token: opens the view, on the instructor's machine.
    port: where learners report to.
    view_port: of the view, on 127.0.0.1.
    """

    name: str
    secret: str
    token: str
    port: int
    view_port: int

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return _folder(self.name)

    @property
    def store(self) -> Path:
        """What was told."""
        return self.folder / "class.sqlite3"

    @property
    def identity(self) -> Path:
        """Key and certificate (PEM)."""
        return self.folder / "identity.pem"

    def code(self, address: str = "127.0.0.1") -> Code:
        """Return what learners join with, where ``address`` leads to this machine."""
        shown = code.fingerprint(certificate.public(self.identity.read_bytes()))
        return Code(address, self.port, self.secret, shown)

    def environment(self, address: str) -> dict[str, str]:
        """Return the variables for a learner's container: where to report, if they join."""
        return {code.VARIABLE: str(self.code(address))}


def _folder(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ClassFailed("classview.bad_class", name=name[:40])
    return paths.home() / "classes" / name


def open_(
    name: str = DEFAULT,
    port: int | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> Class:
    """Return a class; it is made if there is none of that name.

    Parameters
    ----------
    name: up to 30 letters, digits, hyphens and underscores.
    port: where learners report to from now on; without it a free one is chosen, once.
    progress: is told if what was kept of the code could not be read, and a new one was made.

    Raises
    ------
    ClassFailed: not such a name.
    NotWritable, NoSpace: the course's folder cannot be written.
    """
    folder = _folder(name)
    paths.writable(folder).chmod(0o700)
    with FileLock(folder.parent / "classes.lock"):
        found = _read(name)
        if found is None or not _usable(found):
            if _set_aside(folder):
                progress(text("classview.made_anew", name=name, folder=folder))
            _write(folder / "identity.pem", b"".join(certificate.make()))
            others = every()
            port = port or _free(PORT, {other.port for other in others})
            view_port = _free(VIEW_PORT, {other.view_port for other in others})
            secret, token = code.new_secret(), secrets.token_urlsafe(24)
            found = Class(name, secret, token, port, view_port)
            _keep(found)
        elif port and port != found.port:
            found = replace(found, port=port)
            _keep(found)
    return found


def _usable(found: Class) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(found.identity)
        found.code()
    except (OSError, ValueError):
        return False
    return True


def _read(name: str) -> Class | None:
    try:
        found = Class(**json.loads((_folder(name) / "class.json").read_text("utf-8")))
        right = found.name == name and all(
            isinstance(port, int) and 0 < port < 65_536 for port in (found.port, found.view_port)
        )
        code.read(f"host:1/{found.secret}{'0' * code.FINGERPRINT}")
    except (OSError, ValueError, TypeError, ClassFailed):
        return None
    return found if right and isinstance(found.token, str) and len(found.token) > 20 else None


def _keep(found: Class) -> None:
    _write(found.folder / "class.json", json.dumps(asdict(found), ensure_ascii=False).encode())


def _write(path: Path, content: bytes) -> None:
    """Replace a file in one step by one that only its owner may read."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    part.replace(path)


def _set_aside(folder: Path) -> bool:
    """Keep what cannot be used any more beside it; return whether there was anything."""
    found = [path for path in (folder / "class.json", folder / "identity.pem") if path.exists()]
    for path in found:
        path.replace(path.with_name(f"{path.stem}.damaged{path.suffix}"))
    return bool(found)


def _free(first: int, taken: set[int]) -> int:
    """Return the first port from ``first`` on that nobody has on this machine."""
    for port in range(first, first + _PORTS):
        if port not in taken and _is_free(port):
            return port
    return first  # whoever listens there will be named when the view starts


def _is_free(port: int) -> bool:
    with contextlib.suppress(OSError), socket.socket() as trial:
        if os.name == "posix":  # connections that ended a moment ago are in nobody's way
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(("127.0.0.1", port))
        return True
    return False


def settled(found: Class) -> Class:
    """Return a class whose view has a port that is free now; learners know nothing of that one."""
    if _is_free(found.view_port):
        return found
    with FileLock(found.folder.parent / "classes.lock"):
        taken = {other.view_port for other in every()}
        found = replace(found, view_port=_free(VIEW_PORT, taken))
        _keep(found)
    return found


def every() -> list[Class]:
    """Return the classes of this machine."""
    places = paths.home() / "classes"
    names = sorted(place.name for place in places.iterdir()) if places.is_dir() else []
    found = (_read(name) for name in names if _NAME.fullmatch(name))
    return [one for one in found if one is not None]


def find(name: str = DEFAULT) -> Class:
    """Return the class of that name.

    Raises
    ------
    NotFound: there is none.
    """
    for one in every():
        if one.name == name:
            return one
    names = ", ".join(one.name for one in every()) or "–"
    raise NotFound("classview.no_class", name=name[:40], names=names)


@contextlib.contextmanager
def alone(found: Class) -> Iterator[None]:
    """Keep every other process from serving or forgetting this class meanwhile.

    Raises
    ------
    ClassFailed: one does.
    """
    lock = FileLock(found.folder / "running.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ClassFailed("classview.running", name=found.name) from None
    try:
        yield
    finally:
        lock.release()


def forget(found: Class) -> None:
    """Remove all that is kept of a class, its code included.

    Raises
    ------
    ClassFailed: its view is running.
    """
    with alone(found):
        # The lock's file goes last, when Windows lets it go.
        for path in found.folder.iterdir():
            if path.name != "running.lock":
                path.unlink()
    shutil.rmtree(found.folder, ignore_errors=True)
