"""What an orchestrator did about a fault, and how requests fared meanwhile, as data."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import text
from ..text import plain

__all__ = ["Bar", "Load", "Moment", "Second", "Story"]


@dataclass(frozen=True)
class Bar:
    """One state of one task (a container or a pod) on one node.

    Fields
    ------
    task: ``web.2``; in Kubernetes the pod's name without its random end, with a number: ``web 2``.
    node: where; empty while it had no node.
    state: ``"starting"``, ``"running"``, ``"unhealthy"``, ``"stopping"``, ``"lost"`` (its node does
        not answer: nobody knows), ``"waiting"`` (no node fits).
    start, end: seconds since the story began.
    cause: why the state ended, for the colour and the words: ``""`` (it goes on, or a next state
        of the same container followed), ``"killed"``, ``"deleted"``, ``"frozen"``, ``"unhealthy"``,
        ``"node_stopped"``, ``"node_cut"``, ``"drained"``, ``"updated"``, ``"rolled_back"``,
        ``"scaled_down"``, ``"failed"``.
    generation: counts the containers of one slot: 1, 2, …
    version: the image's tag, where that tells something; else empty.
    """

    task: str
    node: str
    state: str
    start: float
    end: float
    cause: str = ""
    generation: int = 1
    version: str = ""


@dataclass(frozen=True)
class Moment:
    """Something that happened at one moment.

    ``what``: ``"fault"`` (the course did it), ``"noticed"`` (the orchestrator knew),
    ``"recovered"`` (as many run as were asked for), ``"undone"`` (the fault was taken back),
    ``"leader"`` (another manager leads), ``"rollback"``. ``node``, ``task``: what it was about, or
    empty. ``detail``: words of the orchestrator or of the fault (a key of the catalogue below
    ``healing.fault``).
    """

    seconds: float
    what: str
    node: str = ""
    task: str = ""
    detail: str = ""


@dataclass(frozen=True, repr=False)
class Story:
    """What happened to the tasks of some services from a fault until all was well, or time was up.

    Fields
    ------
    fault: its name, a key of the catalogue below ``healing.fault``: ``"kill"``, ``"stop_node"``, …
    target: what it was done to: ``web.2`` or ``node-3``.
    nodes: names of all nodes, in order; the figure has a band for each that had a task.
    bars, moments: sorted by their start.
    seconds: how long was watched.
    recovered: seconds from the fault until as many ran as asked for; None if they never did, 0.0 if
        they never were fewer.
    order: the command that did it, as the learner could type it.
    """

    fault: str
    target: str
    nodes: tuple[str, ...]
    bars: tuple[Bar, ...]
    moments: tuple[Moment, ...]
    seconds: float
    recovered: float | None = None
    order: str = ""

    def __repr__(self) -> str:
        return text("healing.story", fault=plain(self.fault), target=plain(self.target))


@dataclass(frozen=True)
class Second:
    """What happened to requests in one short while, and what ran then.

    ``seconds``: when it began; ``answered``, ``failed``: requests; ``versions``: who answered:
    ``(("1", 12), ("2", 3))``; ``replicas``: tasks that ran; ``desired``: those asked for;
    ``usage``: what the autoscaler measured (its unit is `Load.unit`), None if it measured nothing.
    """

    seconds: float
    answered: int
    failed: int
    versions: tuple[tuple[str, int], ...] = ()
    replicas: int | None = None
    desired: int | None = None
    usage: float | None = None


@dataclass(frozen=True, repr=False)
class Load:
    """Requests that were sent at a bounded rate, and their answers.

    Fields
    ------
    sent, answered, failed: requests in all; ``sent`` is the sum of the others.
    over: slices of time, each `slice` seconds long.
    unit: what ``usage`` counts: ``"cpu"`` (share of the reserved or requested CPU) or
        ``"requests"`` (a second and replica).
    target: the usage that the rule aims at; None without a rule.
    """

    sent: int
    answered: int
    failed: int
    over: tuple[Second, ...]
    slice: float = 0.5
    unit: str = ""
    target: float | None = None

    def __repr__(self) -> str:
        return text("healing.load", answered=self.answered, failed=self.failed)
