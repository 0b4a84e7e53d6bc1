"""Requests from here to a service in the cluster, through the API server."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, Queue
from typing import TYPE_CHECKING

from ..engine.patience import until
from ..errors import KubernetesFailed, TimedOut
from ..healing.sending import Sender
from ..messages import text
from ..text import plain
from . import kubectl
from .api import Refused
from .pods import alive, numbered

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["Answers", "ask", "endpoints", "requests", "service", "way"]

REPLY = 30.0  # seconds for one answer
READY = 30.0  # seconds for kubectl proxy to listen
MOST = 10_000  # bytes of an answer


@dataclass(frozen=True)
class Answers:
    """What a service answered.

    Fields
    ------
    by: how often which pod answered, by its short name (``web 1``).
    last: the last answer: JSON as a mapping, anything else as text.
    """

    by: tuple[tuple[str, int], ...]
    last: object = field(repr=False)

    @property
    def total(self) -> int:
        return sum(number for _, number in self.by)

    def __str__(self) -> str:
        key = "one" if len(self.by) == 1 else "many"
        return text(f"kubernetes_use.answers.{key}", total=self.total, pods=len(self.by))

    __repr__ = __str__


def ask(cluster: Cluster, service: str, path: str = "/", times: int = 1) -> Answers:
    """Ask a service for a page, through the API server; each request goes to one of its pods.

    Raises
    ------
    KubernetesFailed: the service is not there, or has no pod that is ready.
    TimedOut: it gave no good answer in time.
    """
    place = proxied(cluster, service, path)
    print(f"$ kubectl get --raw {plain(place)}")
    heard: list[object] = []

    def one() -> bool:
        status, content = cluster.api.reply(place, REPLY)
        if status == 404 and _about_service(content):
            raise KubernetesFailed("kubernetes_use.no_service", name=service)
        if status >= 400:
            return False
        heard.append(_content(content))
        return True

    for _ in range(times):
        try:
            until(one, REPLY, "kubernetes_use.waiting_answer", name=service)
        except TimedOut:
            if not cluster.endpoints(service):
                raise KubernetesFailed("kubernetes_use.no_endpoints", name=service) from None
            raise
    short = {p.name: n for p, n in _named(cluster)}
    names = [
        str(one.get("replica", "?")) if isinstance(one, dict) else "?" for one in heard
    ]  # fmt: skip
    by = Counter(short.get(name, name) for name in names)
    return Answers(tuple(sorted(by.items())), heard[-1] if heard else None)


def _named(cluster: Cluster) -> list[tuple[object, str]]:
    pods = alive(cluster.every_pod())
    found = numbered(pods)
    return [(pod, found[pod.uid]) for pod in pods]


def _content(raw: bytes) -> object:
    shown = plain(raw[:MOST].decode(errors="replace"))
    try:
        return json.loads(shown)
    except ValueError:
        return shown.strip()


def _about_service(content: bytes) -> bool:
    try:
        return json.loads(content).get("kind") == "Status"
    except (ValueError, AttributeError):
        return False


def service(cluster: Cluster, name: str) -> dict:
    """Return a Service as the API has it.

    Raises
    ------
    KubernetesFailed: there is none of that name.
    """
    try:
        return cluster.api.get(f"{cluster.core}/services/{name}")
    except Refused as error:
        if error.status == 404:
            raise KubernetesFailed("kubernetes_use.no_service", name=name) from None
        raise


def endpoints(cluster: Cluster, name: str) -> tuple[str, ...]:
    """Return the addresses of the pods behind a Service that are ready.

    Endpoints are the older form of EndpointSlices; old and new clusters keep both.
    """
    try:
        found = cluster.api.get(f"{cluster.core}/endpoints/{name}")
    except Refused as error:
        if error.status == 404:
            return ()
        raise
    parts = found.get("subsets") or []
    return tuple(sorted(one["ip"] for part in parts for one in part.get("addresses") or []))


def proxied(cluster: Cluster, name: str, path: str = "/") -> str:
    """Return the path below the API server at which a service's first port answers."""
    body = service(cluster, name)
    ports = (body.get("spec") or {}).get("ports") or [{}]
    number = ports[0].get("port", 80)
    return f"{cluster.core}/services/{name}:{number}/proxy{path}"


@contextlib.contextmanager
def requests(
    cluster: Cluster, name: str, plan: float | Sequence[tuple[float, float]], path: str = "/"
) -> Iterator[Sender]:
    """Send a service requests at a bounded rate inside a ``with`` block."""
    with way(cluster, name) as (address, place), Sender(address, plan, place + path) as sender:
        yield sender


@contextlib.contextmanager
def way(cluster: Cluster, name: str) -> Iterator[tuple[str, str]]:
    """Lend an address on this machine, and the path below it, that lead to a service.

    That is ``kubectl proxy``. It listens on 127.0.0.1 for as long as the block, and lets through
    what is for this service, nothing else.
    """
    place = proxied(cluster, name, "")
    with _proxy(cluster, place) as address:
        yield address, place


@contextlib.contextmanager
def _proxy(cluster: Cluster, place: str) -> Iterator[str]:
    service = re.escape(place.partition("/proxy")[0])
    environment = kubectl.environment_of(cluster)
    command = [
        str(kubectl.chosen(cluster).path), "--context", cluster.context, "proxy", "--port=0",
        "--address=127.0.0.1", f"--accept-paths=^{service}/proxy.*",
        "--reject-methods=^(POST|PUT|PATCH|DELETE)$",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    lines: Queue[str] = Queue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    try:
        line = lines.get(timeout=READY)
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        if not found:
            raise KubernetesFailed("kubernetes_use.no_proxy", reason=plain(line.strip()))
        yield f"http://127.0.0.1:{found[1]}"
    except Empty:
        raise TimedOut("kubernetes_use.waiting_proxy", seconds=READY) from None
    finally:
        process.terminate()
        process.wait(10)
        reader.join(5)
        process.stdout.close()


def _read(process: subprocess.Popen[str], lines: Queue[str]) -> None:
    for line in process.stdout:
        lines.put(line)
    lines.put("")
