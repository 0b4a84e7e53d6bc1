"""Ask a service through its one address, and see which replicas answer."""

from __future__ import annotations

import contextlib
import json
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field

from ..engine.patience import until
from ..errors import NotFound, TimedOut
from ..messages import text
from ..text import plain
from .watching import Swarm

__all__ = ["Answers", "ask", "everybody"]

REPLY = 20.0  # seconds for one answer: the front door tries a second replica after five
KNOWN = 30.0  # seconds for the front door to know of every replica that runs
MOST = 1000  # requests of one call
WHO = "/who"  # of the course's page: who answers, and no visit is counted


@dataclass(frozen=True)
class Answers:
    """What came back for a number of requests.

    Fields
    ------
    asked: requests that were made.
    pages: the answers with status 200, in order: the JSON that the page of the course gives.
    failures: what the others were: ``"503"``, ``"no answer"``.
    """

    asked: int
    pages: tuple[dict, ...] = field(repr=False)
    failures: tuple[str, ...] = ()

    @property
    def by_replica(self) -> dict[str, int]:
        """How often each replica answered, by name."""
        return dict(sorted(Counter(str(one.get("replica", "?")) for one in self.pages).items()))

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that answered, each once."""
        return tuple(sorted({str(one.get("version", "?")) for one in self.pages}))

    def __str__(self) -> str:
        lines = [text("stacks.answers.told", asked=self.asked, answered=len(self.pages))]
        lines += [f"  {plain(name)}: {count}" for name, count in self.by_replica.items()]
        lines += [
            text("stacks.answers.failed", reason=reason, count=count)
            for reason, count in sorted(Counter(self.failures).items())
        ]
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def ask(cluster: Swarm, port: int = 8080, path: str = "/", times: int = 12) -> Answers:
    """Ask at a port of node-1, one request after the other, and return who answered how often.

    It first waits until the front door knows of every replica that runs, since one that has just
    started gets requests a moment later; these questions are not counted.

    Raises
    ------
    NotFound: nothing is published at this port.
    """
    from .front import leads

    service = leads(cluster, port)
    if service is None:
        raise NotFound("stacks.no_front", port=port)
    running = sum(task.runs for task in cluster.look().tasks if task.service == service)
    if running:
        with contextlib.suppress(TimedOut):  # one that does not answer: the requests will tell
            until(lambda: everybody(cluster, port, running), KNOWN, "stacks.waiting_front",
                  service=service)  # fmt: skip
    times = min(times, MOST)
    print(f"$ curl http://127.0.0.1:…{plain(path)}  × {times}", flush=True)
    pages, failures = [], []
    for _ in range(times):
        found, reason = _page(cluster.port(port) + path)
        if found is None:
            failures.append(reason)
        else:
            pages.append(found)
    return Answers(times, tuple(pages), tuple(failures))


def everybody(cluster: Swarm, port: int, count: int) -> bool:
    """Whether ``count`` replicas answer at a port, each at least once in two rounds."""
    seen = set()
    for _ in range(2 * count):
        page, _reason = _page(cluster.port(port) + WHO)
        if page is None:
            return False
        seen.add(page.get("replica"))
    return len(seen) >= count


def _page(url: str) -> tuple[dict | None, str]:
    try:
        with urllib.request.urlopen(url, timeout=REPLY) as answer:
            said = answer.read(100_000).decode(errors="replace")
    except urllib.error.HTTPError as error:
        return None, str(error.code)
    except (OSError, ValueError):
        return None, text("stacks.answers.none")
    try:
        found = json.loads(said)
    except ValueError:
        found = None
    return (found if isinstance(found, dict) else {"replica": said.strip()[:80]}), ""
