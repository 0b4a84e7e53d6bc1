"""The words of the network map: every container, network, port and attempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..messages import text
from .rows import one_line
from .style import BLAME, FOLLOWS, HIT

__all__ = ["HOST", "NONE", "Node", "Reach", "Survey", "how", "network_map_words", "shown_title"]

HOST, NONE = "host", "none"  # this machine as a source; the network that is none


class Node(Protocol):
    """A container; these are the objects of `helpers.networks`."""

    name: str
    networks: tuple[str, ...]
    running: bool


class Network(Protocol):
    name: str
    kind: str


class Published(Protocol):
    container: str
    address: str
    port: int


class Reach(Protocol):
    source: str
    target: str
    by: str
    reached: bool


class Survey(Protocol):
    """What `helpers.networks.survey` returns."""

    nodes: Sequence[Node]
    networks: Sequence[Network]
    published: Sequence[Published]
    reaches: Sequence[Reach]


def how(reach: Reach) -> str:
    """Return the key of what a cell says: how the target was reached, or that it was not."""
    return reach.by if reach.reached else "no"


def shown_title(survey: Survey) -> str:
    """Return one sentence with the main fact."""
    between = [one for one in survey.reaches if one.source != HOST]
    return text(
        "networks.map.title",
        containers=len(survey.nodes),
        networks=len([n for n in survey.networks if n.kind not in (HOST, NONE)]),
        reached=sum(one.reached for one in between),
        tried=len(between),
    )


def network_map_words(title: str, survey: Survey) -> str:
    """Return everything that the figure shows, and the containers that it has no room for."""
    lines = [title]
    for node in survey.nodes:
        lines.append("  " + text("networks.map.words_node", name=_name(node.name),
                                 networks=_place(node, survey)))  # fmt: skip
    for port in survey.published:
        told = {"container": _name(port.container), "port": port.port, "address": port.address}
        lines.append("  " + text("networks.map.words_port", **told))
    sources = dict.fromkeys(one.source for one in survey.reaches)
    for source in sources:
        answers = [_answer(one) for one in survey.reaches if one.source == source]
        joined = text("networks.map.comma").join(answers)
        key = "words_from_machine" if source == HOST else "words_from"
        lines.append("  " + text(f"networks.map.{key}", name=_name(source), answers=joined))
    if len(lines) == 1:
        lines.append("  " + text("networks.map.nothing"))
    return "\n".join(lines)


def _place(node: Node, survey: Survey) -> str:
    if not node.running:
        return text("networks.map.stopped")
    kinds = {network.name: network.kind for network in survey.networks}
    found = []
    for name in node.networks:
        if name == NONE:
            continue
        found.append(text("networks.map.host_network") if name == HOST else _of(name, kinds))
    return text("networks.map.comma").join(found) or text("networks.map.no_network")


def _of(name: str, kinds: dict[str, str]) -> str:
    keys = {"default": "default_bridge", "own": "own_bridge", "internal": "internal_bridge"}
    kind = text(f"networks.map.{keys.get(kinds.get(name, ''), 'other_network')}")
    return text("networks.map.words_network", name=_name(name), kind=kind)


def _answer(reach: Reach) -> str:
    by_address = reach.by == "address"
    look = BLAME if not reach.reached else FOLLOWS if by_address else HIT
    said = text(f"networks.map.cell.{how(reach)}")
    target = _name(reach.target)
    return text("networks.map.words_one", symbol=look.symbol, name=target, how=said)


def _name(value: str) -> str:
    return one_line(value, 80)
