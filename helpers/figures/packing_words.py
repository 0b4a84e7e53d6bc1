"""The words of the packing figure: who reserves what, where it lies, why something waits.

No amounts: what a node has differs from machine to machine, and often what is reserved, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..cluster.model import Service, View
from .nodes_words import where
from .orchestra import counted, known, said, short
from .room import KINDS, Room, Waiting, needs
from .tasks import condition_of, why

__all__ = ["packing_words", "reason_of", "title_of"]


def title_of(view: View, found: Sequence[Waiting], kind: str) -> str:
    """Return one sentence with the main fact: whether something waits, and whether for room."""
    nodes = counted("node", len(view.nodes))
    if not found:
        return said("packing.title_all", nodes=nodes)
    tasks = counted(f"thing.{kind}", sum(len(one.tasks) for one in found))
    key = "split" if any(one.together for one in found) else "waits"
    return said(f"packing.title_{key}", nodes=nodes, tasks=tasks)


def packing_words(
    title: str, view: View, found: Sequence[Room], waits: Sequence[Waiting], kind: str
) -> str:
    """Return everything that the figure shows as relations."""
    lines = [title]
    for room in found:
        if not room.open:
            state = room.node.availability if room.node.state == "ready" else room.node.state
            group = "availability" if room.node.state == "ready" else "node_state"
            facts = known(f"{group}.{state}", state)
            lines.append("  " + said("nodes.words_node", name=short(room.node.name), facts=facts))
    lines += [f"  {_service(service, view)}" for service in view.services]
    for one in waits:
        what = said("tray.one", tasks=counted(f"thing.{kind}", len(one.tasks)),
                    service=short(one.service.name))  # fmt: skip
        lines.append("  " + said("tray.words_waiting", what=what, why=reason_of(one)))
    if not view.services:
        lines.append("  " + said("nodes.no_services"))
    return "\n".join(lines)


def reason_of(one: Waiting) -> str:
    """Return why something waits, worked out from what is free; else the orchestrator's words."""
    if one.homeless:
        return said("packing.homeless")
    if not one.lacks:
        return why(one.tasks[0].reason)
    if one.together == one.lacks:
        return said("packing.split", what=_kinds(one.lacks))
    return said("packing.lacks", what=_kinds(one.lacks))


def _kinds(kinds: Sequence[str]) -> str:
    return said(f"packing.what.{'both' if len(kinds) > 1 else kinds[0]}")


def _service(service: Service, view: View) -> str:
    at = condition_of(view)
    on = Counter(t.node for t in view.tasks if t.service == service.name and at[t.id] == "running")
    kinds = [kind for kind in KINDS if needs(service, kind)]
    facts = {"name": short(service.name), "where": where(service, on, view.nodes)}
    facts |= {"count": sum(on.values())}
    if not kinds:
        return said("packing.reserves_nothing", **facts)
    return said("packing.reserves", what=_kinds(kinds), **facts).rstrip()
