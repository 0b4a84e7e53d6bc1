"""The course's nodes in a daemon: found by their labels, told by their containers."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine import Engine, labels, talking

__all__ = ["MADE", "REGISTRY", "ROLE", "Member", "members", "name_of", "network_of", "registry_of"]

ROLE = f"{labels.NAMESPACE}.role"
MADE = f"{labels.NAMESPACE}.cluster"  # a label: the shape that was asked for
REGISTRY = "registry"  # the name by which nodes know the registry, and its alias in the network


@dataclass(frozen=True)
class Member:
    """A container that is a node.

    Fields
    ------
    name: of the node, ``node-1``; ``container``: of its container.
    state: ``"running"``, ``"exited"``, ``"paused"``, ``"created"``, …
    address: in the network of the nodes, empty while it is cut off.
    lesson, shape: whose it is, and what was asked for when it was made.
    ports: host port of the node → port of this machine.
    """

    name: str
    container: str
    state: str
    address: str
    lesson: str
    shape: str
    ports: tuple[tuple[int, int], ...] = ()

    @property
    def runs(self) -> bool:
        return self.state == "running"


def members(engine: Engine, lesson: str | None = None, *, every: bool = False) -> list[Member]:
    """Return the nodes of a lesson's cluster, sorted; of the first lesson that has one if None.

    Parameters
    ----------
    every: those of all lessons.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    wanted = [labels.COURSE, f"{ROLE}=node"]
    if lesson:
        wanted.append(f"{labels.LESSON}={lesson}")
    with talking(engine):
        rows = engine.client.api.containers(all=True, filters={"label": wanted})
    found = sorted((_member(row) for row in rows), key=lambda m: (m.lesson, _number(m.name)))
    return [one for one in found if every or one.lesson == found[0].lesson]


def name_of(lesson: str, number: int) -> str:
    """Return the name of a node's container, which is its volume's too."""
    return f"lbl-{lesson}-node-{number}"


def network_of(lesson: str) -> str:
    return f"lbl-{lesson}-nodes"


def registry_of(lesson: str) -> str:
    return f"lbl-{lesson}-registry"


def _number(name: str) -> int:
    end = name.rpartition("-")[2]
    return int(end) if end.isdigit() else 0


def _member(row: dict) -> Member:
    marks = row["Labels"]
    lesson = labels.lesson_of(marks) or ""
    networks = (row.get("NetworkSettings") or {}).get("Networks") or {}
    joined = networks.get(network_of(lesson)) or {}
    ports = {
        (int(port["PrivatePort"]), int(port["PublicPort"]))
        for port in row.get("Ports") or []
        if port.get("PublicPort")
    }
    container = row["Names"][0].lstrip("/")
    return Member(
        name=container.removeprefix(f"lbl-{lesson}-"),
        container=container,
        state=row["State"],
        address=joined.get("IPAddress", ""),
        lesson=lesson,
        shape=marks.get(MADE, ""),
        ports=tuple(sorted(ports)),
    )
