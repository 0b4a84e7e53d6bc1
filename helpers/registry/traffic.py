"""What crossed between an engine and the registry, and how many bytes it took.

Two witnesses, both at the registry's end, so that they work wherever the daemon runs (in a virtual
machine, in a network namespace) and in both image stores:

- the registry's access log says for each blob and manifest whether it was sent, fetched, mounted
  or only asked for;
- the network card of its container counts bytes (``/proc/net/dev``), headers included. (``docker
  stats`` tells the same numbers, but not on an engine whose control groups cannot be read.) Beside
  it the kernel counts segments that crossed twice, which TCP sends again when it has waited too
  long for an answer: on a busy machine, without any loss.

A counting proxy would have to listen where the daemon can reach it, and a daemon in a virtual
machine does not reach this machine's loopback.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import docker

from ..engine import Engine
from ..engine.patience import patient, until
from . import contents
from .client import AGENT, Access
from .container import execute
from .model import FETCHED, HELD, MOUNTED, SENT, THERE, Crossing, Manifest, Transfer

__all__ = ["Recorder", "transfer"]

ANSWER = 60  # seconds for the daemon to give its log or its counters
LINE = re.compile(
    r'"(?P<method>[A-Z]+) (?P<uri>\S+) HTTP/[\d.]+" (?P<status>\d{3}) \S+ '
    r'"[^"]*" "(?P<agent>[^"]*)"'
)
# Segments that crossed twice, as their receiver and as their sender counts them (Linux:
# networking/snmp_counter; `Tcp` in RFC 4022).
TWICE = (("TCPDSACKOldSent", "TCPDSACKOfoSent"), ("RetransSegs",))
FILES = ("/proc/net/dev", "/proc/net/snmp", "/proc/net/netstat")
DELIVERED = 15  # seconds until a line of the registry is in the daemon's log


@dataclass(frozen=True)
class Request:
    """One line of the registry's access log, its address taken apart."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    agent: str


class Way(NamedTuple):
    """Bytes that crossed in one direction, and how many segments of them crossed twice."""

    bytes: int
    twice: int = 0

    def since(self, before: Way) -> Way:
        """Return what came after another count."""
        return Way(self.bytes - before.bytes, self.twice - before.twice)


@dataclass
class Recorder:
    """Hears what an engine asks of the registry between ``start`` and ``stop``."""

    engine: Engine
    container: str
    access: Access
    requests: list[Request] = field(default_factory=list)
    received: Way | None = None
    sent: Way | None = None
    _mark: str = ""
    _before: tuple[Way, Way] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._mark = secrets.token_hex(8)
        self.access.touch(f"/v2/?from={self._mark}")
        self._before = self._counters()

    def stop(self) -> None:
        """Stop listening and take in what was heard."""
        after = self._counters()
        if self._before and after:
            self.received, self.sent = (
                now.since(then) for now, then in zip(after, self._before, strict=True)
            )
        self.access.touch(f"/v2/?until={self._mark}")
        lines = until(self._lines, DELIVERED, "registry.waiting_log")
        self.requests = [r for r in map(_request, lines) if r and not r.agent.startswith(AGENT)]

    def _lines(self) -> list[str]:
        """Return the lines of the log between the two marks; none as long as the second lacks."""
        log = self.log()
        begin, end = log.find(f"from={self._mark}"), log.find(f"until={self._mark}")
        return ["", *log[begin:end].splitlines()[1:]] if begin >= 0 and end >= 0 else []

    def log(self) -> str:
        """Return the registry's log; nothing if its container is gone."""
        with patient(self.engine, ANSWER) as api:
            try:
                return api.logs(self.container, stdout=True, stderr=True).decode(errors="replace")
            except docker.errors.NotFound:
                return ""

    def _counters(self) -> tuple[Way, Way] | None:
        """Return what the container has received and sent, None if nobody counts."""
        words = ["/bin/cat", *FILES]
        code, tables = execute(self.engine, self.container, words, self.access.url)
        return None if code else counted(tables)


def counted(tables: str) -> tuple[Way, Way]:
    """Return what was received and what was sent, from `FILES`, one after the other."""
    cards, _, rest = tables.partition("\nIp:")
    # proc_net(5): a card's name, 8 counters of what came in, 8 of what went out
    rows = [line.partition(":") for line in cards.splitlines() if ":" in line]
    bytes_ = [counts.split() for name, _, counts in rows if name.strip() != "lo"]
    # the others: a line of names, and below it one of numbers
    lines = [line.split() for line in rest.splitlines()]
    known = {name: int(number) for names, numbers in pairwise(lines) if names[:1] == numbers[:1]
             for name, number in zip(names[1:], numbers[1:], strict=False)
             if number.isdigit()}  # fmt: skip
    twice = [sum(known.get(name, 0) for name in names) for names in TWICE]
    return (Way(sum(int(card[0]) for card in bytes_), twice[0]),
            Way(sum(int(card[8]) for card in bytes_), twice[1]))  # fmt: skip


def transfer(recorder: Recorder, manifest: Manifest, *, push: bool) -> Transfer:
    """Return what became of each part of an image in the requests that were heard."""
    state = _pushed if push else _pulled
    find: Callable[[str], tuple[str, str]] = lambda digest: state(recorder.requests, digest)  # noqa: E731
    parts = [("config", manifest.config, None)]
    parts += [("layer", blob, n) for n, blob in enumerate(manifest.layers, 1)]
    items = [_manifest(recorder.requests, manifest, push)]
    for kind, blob, number in parts:
        what, source = find(blob.digest)
        items.append(Crossing(kind, blob.digest, blob.size, what, number, source))
    way = recorder.received if push else recorder.sent
    wire, twice = way or (None, 0)
    return Transfer(contents.shown(manifest.name), push, tuple(items), wire,
                    len(recorder.requests), twice)  # fmt: skip


def _pushed(requests: list[Request], digest: str) -> tuple[str, str]:
    for request in requests:
        if request.status != 201 or "/blobs/uploads/" not in request.path:
            continue
        if request.query.get("digest") == digest:
            return SENT, ""
        if request.query.get("mount") == digest:
            return MOUNTED, request.query.get("from", "")
    return THERE, ""


def _pulled(requests: list[Request], digest: str) -> tuple[str, str]:
    wanted = f"/blobs/{digest}"
    found = any(r.method == "GET" and r.status < 300 and r.path.endswith(wanted) for r in requests)
    return (FETCHED, "") if found else (HELD, "")


def _manifest(requests: list[Request], manifest: Manifest, push: bool) -> Crossing:
    method, states = ("PUT", (SENT, THERE)) if push else ("GET", (FETCHED, HELD))
    reference = manifest.name.rpartition("@" if "@" in manifest.name else ":")[2]
    names = [manifest.own.digest]
    if manifest.own.digest == manifest.digest:  # the tag leads to it, and not to an index
        names.append(reference)
    crossed = any(
        r.method == method and r.status < 300 and r.path.endswith(f"/manifests/{name}")
        for r in requests
        for name in names
    )
    return Crossing("manifest", manifest.own.digest, manifest.own.size, states[not crossed])


def _request(line: str) -> Request | None:
    found = LINE.search(line)
    if found is None:
        return None
    address = urlsplit(found["uri"])
    query = {key: values[0] for key, values in parse_qs(address.query).items()}
    return Request(
        found["method"], unquote(address.path), query, int(found["status"]), found["agent"]
    )
