"""The processes that make up a Docker Engine, found in /proc where the daemon runs on this machine.

``dockerd`` takes the API's calls; ``containerd`` keeps images and containers; one
``containerd-shim`` stands above each container, so that the other two may be restarted while it
runs; ``runc`` starts a container and ends, so it is seldom seen.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from ..engine import Engine
from ..text import plain

__all__ = ["ROLES", "Process", "of_daemon"]

ROLES = ("dockerd", "containerd", "shim", "container")
PROC = Path("/proc")
PEER = "3i"  # struct ucred of <sys/socket.h>: process, user, group


@dataclass(frozen=True)
class Process:
    """One process of the engine.

    Fields
    ------
    role: ``"dockerd"``, ``"containerd"``, ``"shim"`` or ``"container"`` (the first process in one).
    pid: its number as this machine counts.
    name: of its program; untrusted text.
    parent: the number of the process that started it.
    """

    role: str
    pid: int
    name: str
    parent: int


def of_daemon(engine: Engine) -> tuple[Process, ...]:
    """Return the daemon's processes; none where they cannot be seen (another machine, a VM)."""
    if not PROC.is_dir() or engine.endpoint.socket is None or engine.desktop:
        return ()
    table = _table()
    dockerd = _dockerd(engine, table)
    if dockerd is None:
        return ()
    found = [Process("dockerd", dockerd.pid, dockerd.name, dockerd.parent)]
    containerd = _containerd(dockerd, table)
    if containerd is None:
        return tuple(found)
    found.append(Process("containerd", containerd.pid, containerd.name, containerd.parent))
    told = (engine.info.get("Containerd") or {}).get("Address")  # Engine 27 and newer
    address = told or _address(containerd)
    # a shim is told where its containerd listens: that tells whose it is
    shims = [p for p in table.values() if p.name.startswith("containerd-shim") and _is(p, address)]
    for shim in sorted(shims, key=lambda p: p.pid):
        found.append(Process("shim", shim.pid, "containerd-shim", shim.parent))
        below = sorted((p for p in table.values() if p.parent == shim.pid), key=lambda p: p.pid)
        found += [Process("container", p.pid, p.name, p.parent) for p in below[:1]]
    return tuple(found)


@dataclass(frozen=True)
class _Entry:
    pid: int
    parent: int
    name: str
    words: tuple[str, ...]


def _table() -> dict[int, _Entry]:
    found = {}
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):  # it has ended by now
            words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            name = Path(words[0]).name if words else ""
            found[int(folder.name)] = _Entry(int(folder.name), parent, plain(name), tuple(words))
    return found


def _dockerd(engine: Engine, table: dict[int, _Entry]) -> _Entry | None:
    """Return who listens on the socket; systemd may do that in the daemon's place."""
    listener = table.get(_peer(engine.endpoint.socket) or -1)
    if listener and listener.name == "dockerd":
        return listener
    private = engine.private
    others = [
        p
        for p in table.values()
        if p.name == "dockerd" and not any("/engines/" in word for word in p.words)
    ]
    return others[0] if len(others) == 1 and not private else None


def _peer(path: Path | None) -> int | None:
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None or path is None:
        return None
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(path))
        size = struct.calcsize(PEER)
        pid, _, _ = struct.unpack(PEER, connection.getsockopt(socket.SOL_SOCKET, option, size))
        return pid or None
    return None


def _containerd(dockerd: _Entry, table: dict[int, _Entry]) -> _Entry | None:
    """Return the containerd that a dockerd started, or else the system's own."""
    named = [p for p in table.values() if p.name == "containerd"]
    own = [p for p in named if p.parent == dockerd.pid]
    if own:
        return own[0]
    parents = {p.pid for p in table.values() if p.name == "dockerd"}
    system = [p for p in named if p.parent not in parents]
    return system[0] if system else None


def _address(containerd: _Entry) -> str:
    """Return where a containerd listens: beside its configuration, or at the usual place."""
    if "--config" in containerd.words:
        config = Path(containerd.words[containerd.words.index("--config") + 1])
        if config.parent != Path("/etc/containerd"):
            return str(config.with_name("containerd.sock"))
    return "/run/containerd/containerd.sock"


def _is(shim: _Entry, address: str) -> bool:
    words = shim.words
    return "-address" in words and words[words.index("-address") + 1] == address
