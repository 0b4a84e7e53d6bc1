"""The words of the nodes figure: what holds in each run.

Which of several equal nodes gets which task differs from run to run, so tasks are counted, and
nodes are named only where a service had no other choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..cluster.model import Node, Service, View
from .orchestra import counted, known, said, short
from .tasks import able, condition_of, troubles, words_of_troubles

__all__ = ["facts_of", "labels_of", "nodes_words", "share", "title_of", "where"]

TOLD = ("starting", "stopping", "lost")


def title_of(view: View, kind: str) -> str:
    """Return one sentence with the main fact: how much of what was asked for runs."""
    return said(
        "nodes.title",
        nodes=counted("node", len(view.nodes)),
        services=counted("service" if kind == "task" else "workload", len(view.services)),
        running=sum(service.running for service in view.services),
        desired=sum(service.desired or 0 for service in view.services),
        thing=said(f"nodes.thing.{kind}"),
    )


def facts_of(node: Node) -> list[str]:
    """Return role, leadership, state, availability and labels of a node."""
    facts = [known(f"role.{node.role}", node.role)]
    if node.leader:
        facts.append(said("leader"))
    facts.append(known(f"node_state.{node.state}", node.state))
    if node.reachability == "unreachable":
        facts.append(said("unreachable"))
    if node.availability != "active":
        facts.append(known(f"availability.{node.availability}", node.availability))
    return [*facts, *(short(label) for label in labels_of(node))]


def labels_of(node: Node) -> list[str]:
    """Return the labels of a node as ``disk=ssd``."""
    return [f"{name}={value}" if value else name for name, value in sorted(node.labels.items())]


def share(service: Service) -> str:
    """Return ``3 of 5``."""
    desired = "–" if service.desired is None else service.desired
    return said("nodes.share", running=service.running, desired=desired)


def nodes_words(title: str, view: View, kind: str) -> str:
    """Return everything that the figure shows but which of several equal nodes has which task."""
    lines = [title]
    for node in view.nodes:
        facts = said("comma").join(facts_of(node))
        lines.append("  " + said("nodes.words_node", name=short(node.name), facts=facts))
    if not view.nodes:
        lines.append("  " + said("nodes.no_nodes"))
    lines += [f"  {_service(service, view)}" for service in view.services]
    if not view.services:
        lines.append("  " + said("nodes.no_services"))
    lines += [f"  {line}" for line in words_of_troubles(troubles(view), kind)]
    return "\n".join(lines)


def _service(service: Service, view: View) -> str:
    at = condition_of(view)
    states = [(task.node, at[task.id]) for task in view.tasks if task.service == service.name]
    on = Counter(node for node, state in states if state == "running")
    others = Counter(state for _, state in states)
    how = "".join(
        said("nodes.also", count=others[state], state=said(f"state.{state}"))
        for state in TOLD
        if others[state]
    )
    line = said(
        "nodes.words_service",
        name=short(service.name),
        running=service.running,
        desired="–" if service.desired is None else service.desired,
        where=where(service, on, view.nodes),
        how=how,
    )
    return line + "".join(
        said("nodes.constraint", constraint=short(one)) for one in service.constraints
    )


def where(service: Service, on: Counter[str], nodes: Sequence[Node]) -> str:
    """Return on which nodes it runs: named where these are all that could take it."""
    if not on:
        return ""
    fit = {node.name for node in able(service, nodes)}
    if set(on) == {node.name for node in nodes} and len(nodes) > 1:
        place = said("nodes.on_every")
    elif set(on) == fit:
        named = [short(node.name) for node in nodes if node.name in on]
        place = said("nodes.on_named", nodes=said("comma").join(named))
    elif fit <= set(on):
        place = said("nodes.on_count", nodes=counted("node", len(on)))
    else:
        # A node that was drained meanwhile may still hold some: it counts as one that fits.
        place = said("nodes.on_some", used=len(on), able=len(fit | set(on)))
    low, high = min(on.values()), max(on.values())
    if len(on) == 1:
        return place
    if low == high:
        return place + said("nodes.each", count=low)
    return place + said("nodes.each_range", low=low, high=high)
