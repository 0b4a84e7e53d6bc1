"""Many small questions to a daemon at once, over connections that stay open.

docker-py opens a fresh response object, a session hook and a header parser for each question; with
1,000 images that overhead is most of the time. Here each of a few threads keeps one socket and
reads only what it needs of HTTP/1.1: the status, ``Content-Length`` or chunks, and the body.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

import orjson
import requests

from ..errors import EngineLost

if TYPE_CHECKING:
    import docker

    from ..engine import Engine

# No header of a daemon comes near this; more means that something else answers.
LONGEST_LINE = 65_536
THREADS = 8


class Connection:
    """One HTTP/1.1 connection to a daemon at ``unix://…`` or plain ``tcp://…`` (``http://…``).

    Parameters
    ----------
    url: where the daemon listens.
    timeout: seconds that the daemon may stay silent before the connection counts as lost.
    """

    def __init__(self, url: str, timeout: float = 120) -> None:
        self._url, self._timeout = url, timeout
        self._socket: socket.socket | None = None
        self._reader: BinaryIO | None = None

    def close(self) -> None:
        if self._socket is not None:
            self._reader.close()
            self._socket.close()
        self._socket = self._reader = None

    def ask(self, path: str) -> tuple[int, Any]:
        """Return the status and the JSON of ``GET path``.

        A kept connection may have been closed by the daemon in the meantime: the question is then
        asked once more on a new one (a GET changes nothing).

        Raises
        ------
        EngineLost: the daemon does not answer, or went away in the middle of an answer.
        """
        kept = self._socket is not None
        try:
            try:
                status, body = self._get(path)
            except (OSError, EOFError) as error:
                if not kept or isinstance(error, TimeoutError):
                    raise
                self.close()
                status, body = self._get(path)
        except (OSError, EOFError, ValueError, IndexError) as error:
            self.close()
            reason = str(error) or type(error).__name__
            raise EngineLost("engine.lost", reason=reason) from None
        return status, _json(body)

    def _get(self, path: str) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = _connect(self._url, self._timeout)
            self._reader = self._socket.makefile("rb", 1 << 16)
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: docker\r\n\r\n".encode())
        status = int(self._line().split(b" ", 2)[1])
        length, chunked, keep = None, False, True
        while line := self._line():
            name, _, value = line.partition(b":")
            match name.lower():
                case b"content-length":
                    length = int(value)
                case b"transfer-encoding":
                    chunked = b"chunked" in value.lower()
                case b"connection":
                    keep = b"close" not in value.lower()
        if chunked:
            body = b"".join(self._chunks())
        elif length is not None:
            body = self._take(length)
        else:
            body, keep = self._reader.read(), False
        if not keep:
            self.close()
        return status, body

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._line().split(b";")[0], 16):
            yield self._take(size)
            self._line()
        while self._line():  # trailers
            pass

    def _line(self) -> bytes:
        line = self._reader.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise EOFError("the connection was closed")
        return line.rstrip(b"\r\n")

    def _take(self, count: int) -> bytes:
        body = self._reader.read(count)
        if len(body) < count:
            raise EOFError("the connection was closed")
        return body


def _connect(url: str, timeout: float) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.settimeout(timeout)
        try:
            found.connect(parts.netloc + parts.path)
        except OSError:
            found.close()
            raise
        return found
    found = socket.create_connection((parts.hostname, parts.port or 2375), timeout)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


class SdkConnection:
    """The same over docker-py's own session: what ssh, TLS and Windows' named pipes need."""

    def __init__(self, api: docker.APIClient, timeout: float) -> None:
        self._api, self._timeout = api, timeout

    def close(self) -> None:
        """Nothing to do: the session belongs to the client."""

    def ask(self, path: str) -> tuple[int, Any]:
        """As `Connection.ask`."""
        try:
            answer = self._api.get(f"{self._api.base_url}{path}", timeout=self._timeout)
        except (requests.RequestException, OSError) as error:
            raise EngineLost("engine.lost", reason=str(error)) from None
        return answer.status_code, _json(answer.content)


def connect(engine: Engine, timeout: float = 120) -> Connection | SdkConnection:
    """Return a connection to ``engine``: a socket of its own where that is possible."""
    url, api = engine.endpoint.url, engine.client.api
    plain = url.startswith(("tcp://", "http://")) and not api.base_url.startswith("https")
    if plain or (url.startswith("unix://") and hasattr(socket, "AF_UNIX")):
        return Connection(url, timeout)
    return SdkConnection(api, timeout)


def ask_all(
    engine: Engine,
    paths: Iterable[str],
    *,
    threads: int = THREADS,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, tuple[int, Any]]:
    """Ask many questions at once; return for each path the HTTP status and the JSON that came.

    Parameters
    ----------
    paths: what to GET, for example ``"/v1.44/images/busybox/json"``.
    threads: how many questions are open at a time, at most.
    progress: called with (answers so far, questions) about five times a second, in this thread.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    paths = list(dict.fromkeys(paths))
    answers: dict[str, tuple[int, Any]] = {}
    left = iter(paths)  # next() on a list's iterator is atomic: the threads share it
    stop = threading.Event()

    def work() -> None:
        connection = connect(engine)
        try:
            for path in left:
                if stop.is_set():
                    return
                answers[path] = connection.ask(path)
        finally:
            connection.close()

    with ThreadPoolExecutor(max(1, min(threads, len(paths)))) as pool:
        try:
            waiting = {pool.submit(work) for _ in range(min(threads, len(paths)))}
            while waiting:
                done, waiting = wait(waiting, timeout=0.2, return_when=FIRST_EXCEPTION)
                if progress:
                    progress(len(answers), len(paths))
                for task in done:
                    task.result()
        finally:
            stop.set()
    return answers


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return {"message": body[:200].decode("utf-8", "replace")}
