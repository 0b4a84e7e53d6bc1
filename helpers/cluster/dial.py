"""The way to the engine of a node: its socket, carried through ``docker exec``.

The engine of a node listens on a Unix socket inside its container and nowhere else: whoever could
reach it over a port would be root on this machine. So each connection is a command in the container
(``docker system dial-stdio``) whose input and output are the connection, as it is for
`docker -H ssh://…`. It works while the node is cut off its network, and whatever daemon holds it.

For each node this process listens on a Unix socket of its own, in a folder that only its user can
enter, so that the docker client and the SDK can be led there (`url`). One connection is always held
ready in advance: to begin the command takes a moment.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from zlib import crc32

from ..engine import Engine
from ..errors import ClusterFailed
from ..paths import home, writable
from .stream import BLOCK, Stream, by_client, hijacked

__all__ = ["forget", "url"]

Result = TypeVar("Result")
LONGEST = 100  # bytes of a socket's path; the kernel's limit is 108 (unix(7))
BEGIN = 20.0  # seconds for the command to begin


@dataclass
class Door:
    """The socket of this process that leads to one node."""

    engine: Engine
    container: str
    path: Path
    server: asyncio.AbstractServer | None = None
    spare: Stream | None = None
    tasks: set[asyncio.Task] = field(default_factory=set)

    async def open(self) -> None:
        self.path.unlink(missing_ok=True)
        self.server = await asyncio.start_unix_server(self.serve, str(self.path))
        self.path.chmod(0o600)

    async def close(self) -> None:
        if self.server:
            self.server.close()
        if self.spare:
            self.spare.close()
            self.spare = None
        for task in list(self.tasks):
            task.cancel()
        self.path.unlink(missing_ok=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream = None
        mine = asyncio.current_task()
        assert mine is not None
        self.tasks.add(mine)  # the loop itself holds tasks but weakly
        try:
            stream, self.spare = self.spare, None
            if stream and not stream.alive:
                stream.close()
                stream = None
            stream = stream or await asyncio.wait_for(self.dial(), BEGIN)
            self._later(self.refill())
            self._later(_copy(reader, stream.into))
            await stream.copy_to(writer)
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.CancelledError):
            pass  # the node is not there, or has ended: the caller sees its connection end
        finally:
            self.tasks.discard(mine)
            for end in (stream, writer):
                if end:
                    end.close()

    async def refill(self) -> None:
        """Hold a connection ready for whoever comes next."""
        with contextlib.suppress(OSError, EOFError, ValueError):
            stream = await self.dial()
            if self.spare is None and self.path.exists():
                self.spare = stream
            else:
                stream.close()

    async def dial(self) -> Stream:
        local = self.engine.endpoint.socket
        if local:
            return await hijacked(local, self.container)
        return await by_client(self.engine, self.container)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while block := await reader.read(BLOCK):
            writer.write(block)
            await writer.drain()
        if writer.can_write_eof():  # half-close: an answer may still come
            writer.write_eof()


_lock = threading.Lock()
_doors: dict[tuple[str, str], Door] = {}
_loop: asyncio.AbstractEventLoop | None = None
_folder: Path | None = None
_owner = 0  # the process that all this belongs to; a fork starts anew


def url(engine: Engine, container: str) -> str:
    """Return an address (``unix://…``) that leads to the engine in a container of ``engine``.

    Raises
    ------
    ClusterFailed: this system's Python knows no Unix sockets (Windows without WSL).
    """
    if not hasattr(socket, "AF_UNIX") or os.name == "nt":
        raise ClusterFailed("cluster.no_sockets")
    with _lock:
        _begin()
        key = (engine.endpoint.url, container)
        door = _doors.get(key)
        if door is None:
            assert _folder is not None
            # two engines may hold nodes of one name, as in tests
            which = f"{crc32(engine.endpoint.url.encode()):08x}"
            door = Door(engine, container, _folder / f"{which}-{container[-20:]}")
            _run(door.open())
            _doors[key] = door
    return f"unix://{door.path}"


def forget(engine: Engine, container: str) -> None:
    """Close what leads to a container that goes."""
    with _lock:
        door = _doors.pop((engine.endpoint.url, container), None)
        if door and _owner == os.getpid():
            _run(door.close())


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    assert _loop is not None
    return asyncio.run_coroutine_threadsafe(work, _loop).result(BEGIN)


def _begin() -> None:
    global _loop, _folder, _owner
    if _owner == os.getpid():
        return
    _doors.clear()
    _owner = os.getpid()
    _loop = asyncio.new_event_loop()
    threading.Thread(target=_loop.run_forever, name="nodes", daemon=True).start()
    places = writable(home() / "nodes")
    for old in places.iterdir():  # of processes that were killed
        if not (old.name.isdigit() and _lives(int(old.name))):
            shutil.rmtree(old, ignore_errors=True)
    _folder = places / str(_owner)
    if len(os.fsencode(_folder)) + 30 > LONGEST:
        _folder = Path(tempfile.mkdtemp(prefix="lbl-"))
    _folder.mkdir(mode=0o700, exist_ok=True)
    atexit.register(_end, _owner, _folder)


def _end(owner: int, folder: Path) -> None:
    if os.getpid() != owner:
        return
    with contextlib.suppress(Exception):  # the process ends, whatever happens here
        _run(_close_all())
    shutil.rmtree(folder, ignore_errors=True)


async def _close_all() -> None:
    for door in _doors.values():
        await door.close()
    mine = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not mine]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
