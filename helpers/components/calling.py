"""The Engine's API without the docker client: one request, as ``curl`` would send it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from ..containers.own import look
from ..engine import Engine, connect, labels
from ..engine.own import own_image
from ..engine.patience import patient
from ..errors import ContainerFailed, NotFound, NotOurs
from ..text import plain
from .naming import redacted
from .own import replace

__all__ = ["Reply", "call"]

LIMIT = 60.0  # seconds for an answer
CREATE = "/containers/create"
# What may be asked of the course's own containers. Nothing else is changed from here.
ACTIONS = ("start", "stop", "kill", "restart", "pause", "unpause", "rename", "wait", "resize")
_ONE = re.compile(rf"/containers/([^/]+)(?:/({'|'.join(ACTIONS)}))?")


@dataclass(frozen=True)
class Reply:
    """What the daemon answered: the HTTP status, and its JSON if it sent any."""

    status: int
    body: object = field(repr=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `call` has printed the status."""


def call(
    method: str, path: str, body: dict | None = None, *, engine: Engine | None = None
) -> Reply:
    """Send the daemon one request of its API; print it as a `curl` line, and the status.

    Anything may be asked (``GET``). Changed are only the course's own containers: made from an
    image of the course, started, stopped, paused, renamed, removed. One that an earlier run of the
    cell made under the same name is replaced.

    Parameters
    ----------
    path: without the API's version: ``/containers/lbl-06-byhand/start``.
    body: JSON, for ``POST /containers/create``.

    Raises
    ------
    NotOurs: the request would change something that is not the course's, or not a container.
    NotFound: the image of a new container does not exist.
    ContainerFailed: the request would publish a port.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    method, path = method.upper(), "/" + path.lstrip("/")
    sent = _checked(engine, method, path, body)
    _say(method, path, body)
    with patient(engine, LIMIT) as api:
        answer = api.request(
            method, api.base_url + f"/v{api.api_version}{path}", json=sent, timeout=LIMIT
        )
        said = answer.text
    try:
        found = redacted(json.loads(said))
    except ValueError:
        found = plain(said)
    status = answer.status_code
    reason = HTTPStatus(status).phrase if status in list(HTTPStatus) else ""
    told = found.get("message", "") if isinstance(found, dict) and status >= 400 else ""
    print(f"{status} {reason}{': ' if told else ''}{plain(told)}")
    return Reply(status, found)


def _say(method: str, path: str, body: dict | None) -> None:
    words = ["curl", "--unix-socket", "docker.sock"]
    if method != "GET":
        words += ["-X", method]
    if body is not None:
        words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    print(f"$ {plain(shlex.join([*words, f'http://docker{path}']))}", flush=True)


def _checked(engine: Engine, method: str, path: str, body: dict | None) -> dict | None:
    """Return the body to send; raise for what a lesson has no business with."""
    parts = urlsplit(path)
    if method in ("GET", "HEAD"):
        return None
    if method == "POST" and parts.path == CREATE:
        return _made(engine, parts.query, body or {})
    found = _ONE.fullmatch(parts.path)
    if not found or (found[2] is None) != (method == "DELETE") or method not in ("POST", "DELETE"):
        raise NotOurs("components.call_refused", call=f"{method} {parts.path}")
    look(engine, found[1])  # one that does not exist is the daemon's to tell: 404
    return body


def _made(engine: Engine, query: str, body: dict) -> dict:
    host = body.get("HostConfig") or {}
    if host.get("PortBindings") or host.get("PublishAllPorts"):
        raise ContainerFailed("components.open_port", port="PortBindings")
    image = str(body.get("Image", ""))
    if image and own_image(engine, image) is None:
        raise NotFound("components.no_image", image=image)
    name = (parse_qs(query).get("name") or [""])[0]
    if name:
        replace(engine, name)
    lesson = labels.named(name)
    return {**body, "Labels": {**(body.get("Labels") or {}), **labels.make(lesson)}}
