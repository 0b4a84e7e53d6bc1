"""What the readers of this package return: networks, who is in them, and who reached whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..messages import text
from ..text import plain

__all__ = ["HOST", "Member", "Network", "Node", "Published", "Reach", "Survey"]

HOST = "host"  # as the source of `helpers.networks.reach`: this machine, where the notebook runs


@dataclass(frozen=True)
class Member:
    """A container in a network, and the further names by which it is found there."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Network:
    """A network as it was when the call returned.

    Fields
    ------
    name: untrusted text.
    driver: ``"bridge"``, ``"host"``, ``"null"`` or another one.
    subnet: its addresses; another one on each machine unless it was asked for. Empty if it has
        none.
    internal: whether nothing outside can be reached from it.
    names: whether its containers find each other by name.
    members: the containers that are in it and run, sorted by name.
    """

    name: str
    driver: str
    subnet: str = field(repr=False, default="")
    internal: bool = False
    names: bool = False
    members: tuple[Member, ...] = ()

    def __str__(self) -> str:
        kind = text(f"networks.kind.{self.kind}")
        lines = [text("networks.network", name=self.name, kind=kind)]
        for member in self.members:
            also = ", ".join(map(plain, member.aliases))
            key = "member_also" if also else "member"
            lines.append("  " + text(f"networks.{key}", name=member.name, aliases=also))
        return "\n".join(lines if self.members else [*lines, f"  {text('networks.nobody')}"])

    @property
    def kind(self) -> str:
        """``"default"``, ``"own"``, ``"internal"``, ``"host"``, ``"none"`` or ``"other"``."""
        if self.name in ("host", "none") and self.driver in ("host", "null"):
            return self.name
        if self.driver != "bridge":
            return "other"
        if not self.names:
            return "default"
        return "internal" if self.internal else "own"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


@dataclass(frozen=True)
class Reach:
    """One attempt to reach a container, and what came of it.

    Fields
    ------
    source: the container that it was tried from, or ``"host"``.
    target: the name that was tried, as given.
    port: TCP.
    by: ``"name"``, ``"address"`` or, from the host, ``"published"``.
    why: ``"answered"``; ``"refused"`` (it was reached, and nothing listens on that port);
        ``"unknown"`` (nobody knows the name); ``"silent"`` (no answer in time); ``"no_way"`` (the
        source has no network that leads there); ``"no_address"`` (the target has none);
        ``"not_published"``.
    """

    source: str
    target: str
    port: int
    by: str
    why: str

    @property
    def answered(self) -> bool:
        """Whether a program answered."""
        return self.why == "answered"

    @property
    def reached(self) -> bool:
        """Whether the network let it through, be it that nothing listened."""
        return self.why in ("answered", "refused")

    def __str__(self) -> str:
        return text(f"networks.reach.{self.why}", source=self.source, target=self.target,
                    port=self.port)  # fmt: skip

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `reach` has printed it."""


@dataclass(frozen=True)
class Published:
    """A port of a container that can be reached at an address of the engine's host."""

    container: str
    address: str
    port: int


@dataclass(frozen=True)
class Node:
    """A container of a survey: the names of its networks, and whether it runs."""

    name: str
    networks: tuple[str, ...]
    running: bool


@dataclass(frozen=True)
class Survey:
    """Containers, their networks, their published ports, and every attempt between them."""

    nodes: tuple[Node, ...]
    networks: tuple[Network, ...]
    published: tuple[Published, ...]
    reaches: tuple[Reach, ...]

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `helpers.figures.network_map` draws it."""
