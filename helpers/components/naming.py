"""Requests made fit to be shown: names in the place of IDs, and no secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from ..text import plain
from .calls import meaning
from .model import CLIENT, DAEMON, Exchange
from .proxy import Heard

__all__ = ["HIDDEN", "exchanges", "redacted"]

HIDDEN = "***"
_VERSION = re.compile(r"^/v\d+\.\d+(?=/)")
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{12,64}(?![0-9a-f])")
_SECRET = re.compile(r"passw|secret|token|auth|credential|apikey|private.?key", re.IGNORECASE)
_KINDS = {"containers": "container", "exec": "exec", "networks": "network", "images": "image"}


def exchanges(heard: Iterable[Heard]) -> list[Exchange]:
    """Return what was heard between client and daemon, in the order in which it began.

    Headers are not kept at all (``X-Registry-Auth`` and ``X-Registry-Config`` carry passwords);
    bodies only if they are JSON, with their secrets taken out.
    """
    found = sorted(heard, key=lambda one: one.began)
    if not found:
        return []
    start = found[0].began
    return [_exchange(one, start) for one in found]


def _exchange(one: Heard, start: float) -> Exchange:
    method, target, _ = one.request.first
    parts = urlsplit(target)
    path = named(unquote(_VERSION.sub("", parts.path)))
    login = path == "/auth"
    return Exchange(
        sender=CLIENT,
        receiver=DAEMON,
        method=plain(method),
        path=plain(path),
        query={plain(k): _said(k, v) for k, v in parse_qsl(parts.query)},
        status=one.status,
        kind="both ways" if one.upgraded else "stream" if _streams(path, one) else "answer",
        meaning=meaning(method, path),
        sent=one.sent,
        received=one.received,
        began=one.began - start,
        seconds=max(one.ended, one.answered, one.began) - one.began,
        body=None if login else _body(one),
    )


def _streams(path: str, one: Heard) -> bool:
    # Go also answers in chunks where an answer is merely long; these are the calls that wait.
    waits = re.fullmatch(
        r"/(containers/[^/]+/(wait|logs|stats|attach)|events|build|images/(create|.+/push))", path
    )
    return one.streamed and waits is not None


def named(path: str) -> str:
    """Return a path with ``{container}``, ``{image}``, … where a long ID stood."""
    words = path.split("/")
    for place, word in enumerate(words):
        if _ID.fullmatch(word.removeprefix("sha256:")) and place:
            words[place] = "{" + _KINDS.get(words[place - 1], "id") + "}"
    return "/".join(words)


def _body(one: Heard) -> dict | None:
    if "json" not in one.request.fields.get("content-type", ""):
        return None
    try:
        found = json.loads(one.asked)
    except ValueError:  # cut off, or not what it says
        return None
    return redacted(found) if isinstance(found, dict) else None


def redacted(value: object, name: str = "") -> object:
    """Return JSON without what a password may stand in: by the names of fields and of variables."""
    if name and _SECRET.search(name) and value not in (None, "", [], {}):
        return HIDDEN
    if isinstance(value, dict):
        return {plain(k): redacted(v, str(k)) for k, v in value.items()}
    if isinstance(value, list):
        return [_variable(v) if name == "Env" else redacted(v) for v in value]
    return plain(value) if isinstance(value, str) else value


def _variable(value: object) -> str:
    """An environment variable: its value may be a password, whatever its name."""
    name, sign, _ = str(value).partition("=")
    return f"{plain(name)}{sign}{HIDDEN if sign else ''}"


def _said(name: str, value: str) -> str:
    return HIDDEN if _SECRET.search(name) else plain(value)
