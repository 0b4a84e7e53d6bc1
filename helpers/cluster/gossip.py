"""What nodes tell each other directly: names and addresses of tasks in overlay networks.

They do it by gossip (memberlist, in the engine's network library), apart from what managers know. A
node is told apart there by a name that it is given anew at each start. If it is killed and starts
again before the others have missed it (4 to 24 s), they tell it of its own former life as of
somebody alive at the same address, and it drops itself: its overlay networks stay silent until it
is started once more (seen in Engine 28.5: ``IP: unknown`` among the peers of the network).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable

from ..engine.patience import patient, until
from ..errors import ClusterFailed, CourseError, TimedOut
from . import thawing
from .link import Link, asking
from .own import members

__all__ = ["gossiping", "missed", "restart"]

KNOWN = 180.0  # seconds for the nodes to know each other; a sync that stalls takes 30
MISSED = 60.0  # seconds for the others to miss a node that was killed
STUCK = 45.0  # seconds after which a node that does not know the others is started once more
SILENT = 10.0  # and after which one is that does not know itself
STOP = 20  # seconds for an engine to end in order
INGRESS = "ingress"  # the overlay network that every node of a swarm is in


def gossiping(link: Link, names: Iterable[str]) -> bool:
    """Wait until each of these nodes knows all of them; start one once more that cannot.

    A node that joins two overlay networks at the same moment can stall for half a minute in doing
    so (its log then says "Bulk sync to node … timed out"), so the first one is waited for.

    Returns whether a node was started once more: what runs there and its state are then new.

    Raises
    ------
    ClusterFailed: a node never did.
    """
    found = {one.name: one.address for one in members(link.engine, link.lesson)}
    wanted = {name: found[name] for name in names if found.get(name)}
    deadline = time.monotonic() + KNOWN
    again: set[str] = set()
    for node, own in wanted.items():
        while not _knows(link, node, own, set(wanted.values())):
            if time.monotonic() > deadline:
                raise ClusterFailed("cluster.never_joined", node=node, seconds=KNOWN)
            if node not in again:
                again.add(node)
                restart(link, node)
    return bool(again)


def missed(link: Link, address: str, names: Iterable[str]) -> None:
    """Wait until none of these nodes counts one at this address among its peers any more."""
    names = list(names)
    gone = lambda: not any(address in (_peers(link, node) or ()) for node in names)  # noqa: E731
    with contextlib.suppress(TimedOut):  # then it is started once more, if need be
        until(gone, MISSED, "cluster.waiting_gossip", node=address)


def _knows(link: Link, node: str, own: str, wanted: set[str]) -> bool:
    """Wait until a node knows these addresses; give up early if it has lost its own."""
    began = time.monotonic()

    def decided() -> str:
        peers = _peers(link, node)
        if peers is not None and wanted <= peers:
            return "known"
        lost = bool(peers) and own not in peers
        return "lost" if lost and time.monotonic() - began > SILENT else ""

    try:
        return until(decided, STUCK, "cluster.waiting_gossip", node=node) == "known"
    except TimedOut:
        return False


def _peers(link: Link, node: str) -> set[str] | None:
    """Return the addresses that a node knows as members of the network; None if it is not in it."""
    try:
        with asking(node):
            found = link.api(node).inspect_network(INGRESS)
    except CourseError:
        return None
    return {peer["IP"] for peer in found.get("Peers") or []}


def restart(link: Link, node: str) -> None:
    """Start a node once more, in order: it says goodbye, and nobody remembers its former life."""
    thawing.thaw(link.engine, link.containers[node])
    with patient(link.engine, 4 * STOP) as api:
        api.restart(link.containers[node], timeout=STOP)
