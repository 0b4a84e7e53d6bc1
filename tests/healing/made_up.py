"""Views written by hand, so that the story is tested without a cluster."""

from __future__ import annotations

from dataclasses import replace

from helpers.cluster.model import Node, Service, Task, View

NOW = 1_000.0  # seconds of the epoch: the fault


def node(number: int, **changes: object) -> Node:
    found = Node(f"n{number}", f"node-{number}", "worker", "ready", "active")
    if number == 1:
        found = replace(found, role="manager", leader=True, reachability="reachable")
    return replace(found, **changes)  # type: ignore[arg-type]


def task(slot: int, on: int | str = "", state: str = "running", **changes: object) -> Task:
    """A task of web on node ``on``, in its state since long before the fault."""
    place = f"node-{on}" if isinstance(on, int) else on
    found = Task(
        f"t{slot}", f"web.{slot}", "web", slot, place, state, "running",
        image="registry:5000/lbl/page:1@sha256:abc", since=NOW - 100, made=NOW - 101,
    )  # fmt: skip
    return replace(found, **changes)  # type: ignore[arg-type]


def view(
    at: float,
    tasks: list[Task],
    nodes: list[Node] | None = None,
    desired: int = 3,
    **changes: object,
) -> View:
    """What was seen ``at`` seconds after the fault (negative: before)."""
    running = sum(one.runs for one in tasks)
    web = Service("s", "web", "lbl/page:1", "replicated", desired, running)
    web = replace(web, **changes)  # type: ignore[arg-type]
    return View(tuple(nodes or [node(n) for n in (1, 2, 3)]), (web,), tuple(tasks), NOW + at)
