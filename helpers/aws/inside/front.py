"""What stands before every request: who may ask, and which part of the server answers.

A page in the learner's browser could send requests to 127.0.0.1 as well. Such requests carry an
``Origin`` header, or a ``Host`` that an attacker's name server led here; both are refused.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable

from . import agents, clusters, machines

__all__ = ["Front"]

COURSE = {agents.PATH: agents.answer, clusters.PATH: clusters.answer}
NAMES = ("localhost", "127.0.0.1", "lbl-aws")
# MiniStack's own doors. Its reset is for the course alone, the others are for nobody.
CLOSED = ("/_ministack/config", "/_localstack/", "/_ministack/lambda")
Asgi = Callable[[dict, Callable, Callable], Awaitable[None]]


class Front:
    """An ASGI application that stands before another one.

    Parameters
    ----------
    behind: MiniStack's application.
    """

    def __init__(self, behind: Asgi) -> None:
        self.behind = behind

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http":
            headers = {name.decode("latin-1").lower(): value.decode("latin-1")
                       for name, value in scope["headers"]}  # fmt: skip
            if reason := refused(scope["path"], headers):
                await _answer(send, 403, {"__type": "AccessDeniedException", "message": reason})
                return
            if scope["path"] in COURSE and scope["method"] == "POST":
                await _answer(send, *COURSE[scope["path"]](await _body(receive)))
                return
            machines.asking.set((scope.get("client") or ("",))[0])
        await self.behind(scope, receive, send)


def refused(path: str, headers: dict[str, str]) -> str | None:
    """Return why a request is refused, None if it is not."""
    if "origin" in headers:
        return "The course's local AWS answers no web page."
    if not _known(headers.get("host", "")):
        return "The course's local AWS is not called that."
    if path.startswith(CLOSED):
        return "The course's local AWS keeps this door closed."
    return None


def _known(host: str) -> bool:
    """Whether a Host header names this server: by address, or by one of its names."""
    name = host.rpartition(":")[0] if ":" in host else host
    if name in NAMES or name.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        return False


async def _body(receive: Callable) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _answer(send: Callable, status: int, body: dict) -> None:
    content = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})
