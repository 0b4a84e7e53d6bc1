"""What a daemon asked of the course's registry, read out of the registry's own access log."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from ..engine import Engine
from ..engine.patience import patient
from ..text import plain
from .calls import meaning
from .model import DAEMON, REGISTRY, Exchange
from .naming import named

__all__ = ["MOST", "since"]

MOST = 500  # requests that are read
ANSWER = 30  # seconds for the daemon to hand over the log
# The "combined" format: https://httpd.apache.org/docs/2.4/logs.html#combined
_LINE = re.compile(
    r'(?P<time>\S+) \S+ - \S+ \[[^\]]+\] "(?P<method>[A-Z]+) (?P<target>\S+) HTTP/[\d.]+" '
    r'(?P<status>\d{3}) (?P<bytes>\d+|-) "[^"]*" "(?P<agent>[^"]*)"'
)
_DIGEST = re.compile(r"sha(256|512):[0-9a-f]+")
_UPLOAD = re.compile(r"(?<=/blobs/uploads/)[0-9a-f-]{36}")


def since(engine: Engine, container: str, wall: float) -> list[Exchange]:
    """Return the requests that the daemon made of a registry after a moment.

    Parameters
    ----------
    container: in which the registry runs.
    wall: seconds since the epoch by this machine's clock; `Exchange.began` counts from there. Where
        the daemon's clock differs (a virtual machine) the requests keep their order and lose their
        place between those of the client.
    """
    with patient(engine, ANSWER) as api:
        raw = api.logs(container, stdout=True, stderr=True, timestamps=True, since=int(wall))
    found = []
    for line in raw.decode(errors="replace").splitlines():
        match = _LINE.match(line)
        # the course's own look at the registry is not the daemon's
        if not match or not match["agent"].lower().startswith(("docker", "containerd")):
            continue
        began = _seconds(match["time"]) - wall
        if began < 0:
            continue
        found.append(_exchange(match, began))
    return found[:MOST]


def _exchange(match: re.Match[str], began: float) -> Exchange:
    parts = urlsplit(match["target"])
    path = _UPLOAD.sub("{upload}", _DIGEST.sub("{digest}", parts.path))
    size = 0 if match["bytes"] == "-" else int(match["bytes"])
    return Exchange(
        sender=DAEMON,
        receiver=REGISTRY,
        method=match["method"],
        path=plain(named(path)),
        query={k: plain(v) for k, v in parse_qsl(parts.query) if k in ("mount", "from")},
        status=int(match["status"]),
        kind="answer",
        meaning=meaning(match["method"], path, registry=True),
        sent=0,
        received=size if match["method"] == "GET" else 0,
        began=began,
        seconds=0.0,
    )


def _seconds(stamp: str) -> float:
    """Return a time of ``docker logs --timestamps`` (RFC 3339, nanoseconds) as seconds."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    at = datetime.fromisoformat(f"{whole}+00:00").timestamp()
    return at + float(f"0.{fraction or 0}")
