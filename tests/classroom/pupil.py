"""A learner without a browser: signs in at the front door, and runs cells on their own server."""

from __future__ import annotations

import json
import ssl
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import requests
import websocket

START = 600  # seconds for a server to be ready; ten of them start at once
STOP = 60
CELL = 300  # seconds for one cell


class Refused(Exception):
    """The hub did not let somebody in, or to something."""


@dataclass
class Pupil:
    """Somebody with a card.

    Parameters
    ----------
    url: of the front door.
    certificate: of the class; nothing else is trusted.
    """

    url: str
    certificate: Path
    user: str
    passphrase: str
    kernel: str = ""
    failed: str = ""  # how the last cell failed that might
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.verify = str(self.certificate)
        self.session.trust_env = False

    def sign_in(self) -> None:
        """Sign in, and keep the token that the hub gives."""
        answer = self.session.post(
            f"{self.url}hub/api/users/{self.user}/tokens",
            json={"auth": {"username": self.user, "password": self.passphrase}}, timeout=60,
        )  # fmt: skip
        if answer.status_code != 201 and answer.status_code != 200:
            raise Refused(answer.status_code)
        self.session.headers["Authorization"] = f"token {answer.json()['token']}"

    def start(self) -> float:
        """Start the own server; return the seconds until it was ready."""
        began = time.monotonic()
        self.ask("POST", f"hub/api/users/{self.user}/server", (201, 202))
        while time.monotonic() < began + START:
            found = self.ask("GET", f"hub/api/users/{self.user}").json()
            server = found["servers"].get("", {})
            if server.get("ready"):
                return time.monotonic() - began
            if not server.get("pending"):
                raise AssertionError(f"the server of {self.user} did not start")
            time.sleep(0.5)
        raise AssertionError(f"the server of {self.user} was not ready after {START} s")

    def stop(self) -> None:
        """Stop the own server, and wait until it is gone."""
        self.ask("DELETE", f"hub/api/users/{self.user}/server", (202, 204))
        deadline = time.monotonic() + STOP
        while self.ask("GET", f"hub/api/users/{self.user}").json()["servers"]:
            assert time.monotonic() < deadline, f"the server of {self.user} does not stop"
            time.sleep(0.5)
        self.kernel = ""

    def ask(
        self, method: str, path: str, good: tuple[int, ...] = (200,), body: object = None
    ) -> requests.Response:
        """Ask the hub or the own server."""
        answer = self.session.request(method, f"{self.url}{path}", json=body, timeout=120)
        if answer.status_code not in good:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def open(self, folder: str = "en") -> None:
        """Start a kernel in the folder of a language."""
        body = {"name": "python3", "path": f"{folder}/x.ipynb"}
        found = self.ask("POST", f"user/{self.user}/api/kernels", (201,), body).json()
        self.kernel = found["id"]

    def close(self) -> None:
        """End the kernel."""
        self.ask("DELETE", f"user/{self.user}/api/kernels/{self.kernel}", (204,))
        self.kernel = ""

    def run(self, *cells: str, tolerated: bool = False) -> str:
        """Run cells in the kernel; return what they printed.

        Raises
        ------
        AssertionError: a cell failed, unless that is ``tolerated``.
        """
        channel = self._channel()
        try:
            return "".join(self._cell(channel, cell, tolerated) for cell in cells)
        finally:
            channel.close()

    def leave(self, cell: str) -> None:
        """Begin a cell and go, as a laptop does that is closed."""
        channel = self._channel()
        channel.send(json.dumps(_request(cell, uuid.uuid4().hex)))
        time.sleep(1)
        channel.close()

    def lesson(self, notebook: Path) -> int:
        """Run the code cells of a notebook in order; return how many there were.

        Raises
        ------
        AssertionError: one failed that should not, or one went well that should fail.
        """
        cells = [
            cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"
        ]
        for cell in cells:
            fails = "raises-exception" in cell.metadata.get("tags", ())
            self.failed = ""
            shown = self.run(cell.source, tolerated=fails)
            assert bool(self.failed) == fails, (self.user, cell.source, shown)
        return len(cells)

    def _channel(self) -> websocket.WebSocket:
        if not self.kernel:
            self.open()
        place = f"user/{self.user}/api/kernels/{self.kernel}/channels"
        return websocket.create_connection(
            f"wss://{self.url.removeprefix('https://')}{place}",
            header=[f"Authorization: {self.session.headers['Authorization']}"],
            sslopt={"ca_certs": str(self.certificate), "cert_reqs": ssl.CERT_REQUIRED},
            timeout=CELL,
        )

    def _cell(self, channel: websocket.WebSocket, source: str, tolerated: bool) -> str:
        number = uuid.uuid4().hex
        channel.send(json.dumps(_request(source, number)))
        printed = []
        while True:
            raw = channel.recv()
            if isinstance(raw, bytes):  # a widget's buffers
                continue
            message = json.loads(raw)
            if message["parent_header"].get("msg_id") != number:
                continue
            kind, found = message["msg_type"], message["content"]
            if kind == "stream":
                printed.append(found["text"])
            elif kind in ("execute_result", "display_data"):
                printed.append(found["data"].get("text/plain", ""))
            elif kind == "error":
                words = f"{found['ename']}: {found['evalue']}"
                if not tolerated:
                    raise AssertionError(f"{self.user}: {source}\n{''.join(printed)}\n{words}")
                self.failed = words
                printed.append(words)
            elif kind == "status" and found["execution_state"] == "idle":
                return "".join(printed)


def _request(source: str, number: str) -> dict:
    """Return the message that asks a kernel to run a cell (Jupyter's protocol, version 5.3)."""
    content = {"code": source, "silent": False, "store_history": False, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": False}  # fmt: skip
    head = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number,
            "version": "5.3", "date": ""}  # fmt: skip
    return {"header": head, "parent_header": {}, "metadata": {}, "content": content,
            "channel": "shell"}  # fmt: skip
