"""A daemon that says what a test wants, over a real Unix socket."""

from __future__ import annotations

import json
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

Answer = tuple[int, object] | bytes | None  # status and JSON; raw bytes; None: hang up


class FakeDaemon:
    """Answers ``GET`` with what ``answer(path)`` returns; counts what was asked.

    chunked: send JSON in chunks of 7 bytes, as dockerd does with long answers.
    requests_per_connection: hang up after so many, as a daemon that tires of a kept connection.
    """

    def __init__(
        self,
        answer: Callable[[str], Answer],
        *,
        chunked: bool = False,
        requests_per_connection: int = 10**9,
    ) -> None:
        self._answer, self._chunked, self._most = answer, chunked, requests_per_connection
        self.asked: list[str] = []
        self.open = self.most_open = 0
        self._lock = threading.Lock()

    def __enter__(self) -> FakeDaemon:
        self._folder = tempfile.TemporaryDirectory()
        path = str(Path(self._folder.name) / "s")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()
        self.engine = SimpleNamespace(
            endpoint=SimpleNamespace(url=f"unix://{path}"),
            client=SimpleNamespace(api=SimpleNamespace(base_url="http+docker://localhost")),
            api_version="1.44",
            store="overlay2",
            root_dir=None,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._folder.cleanup()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with self._lock:
            self.open += 1
            self.most_open = max(self.open, self.most_open)
        with peer, peer.makefile("rb") as reader:
            for _ in range(self._most):
                request = reader.readline()
                if not request:
                    break
                while reader.readline().strip():
                    pass
                path = request.split()[1].decode()
                self.asked.append(path)
                answer = self._answer(path.removeprefix("/v1.44"))
                if answer is None:
                    break
                peer.sendall(answer if isinstance(answer, bytes) else self._http(*answer))
        with self._lock:
            self.open -= 1

    def _http(self, status: int, value: object) -> bytes:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n"
        if not self._chunked:
            return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        parts = [body[n : n + 7] for n in range(0, len(body), 7)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n"
