"""The words of the picture of where tasks run."""

from __future__ import annotations

from collections import Counter

from ..aws.places import Machine, Places
from ..messages import has, text
from . import style
from .orchestra import short
from .rows import one_line

__all__ = ["differs", "label", "names_of", "places_words", "state_of", "title_of"]


def said(key: str, /, **values: object) -> str:
    """Return the message ``places.<key>``."""
    return text(f"places.{key}", **values)


def label(key: str, /, **values: object) -> str:
    """Return the message ``places.<key>`` for use in a picture."""
    return style.drawable(said(key, **values))


def names_of(found: Places) -> list[str]:
    """Return the names that tasks go by, in the order that decides their colours."""
    names = [one.name for one in found.services] + list(found.fargate)
    for one in found.machines:
        names += [*one.told, *(one.there or ())]
    return list(dict.fromkeys(names))


def differs(one: Machine) -> bool:
    """Whether ECS takes something else for running on a machine than what runs there."""
    return one.there is not None and one.there != one.told


def state_of(one: Machine) -> str:
    """Return what a machine is at, with a sign."""
    if one.state == "NONE":
        return f"✗ {said('state.NONE')}"
    if not one.connected:
        return f"✗ {said('state.silent')}"
    if one.state == "ACTIVE":
        return f"✓ {said('state.ACTIVE')}"
    known = said(f"state.{one.state}") if has(f"places.state.{one.state}") else short(one.state)
    return f"✗ {known}"


def title_of(found: Places) -> str:
    """Return one sentence with the main fact."""
    if not found.machines:
        return said("title.none")
    runs = sum(len(one.told if one.there is None else one.there) for one in found.machines)
    if any(one.orphans for one in found.machines):
        return said("title.orphans", count=sum(len(one.orphans) for one in found.machines))
    if not all(one.connected for one in found.machines):
        return said("title.silent", count=runs)
    return said("title.both", there=runs, fargate=len(found.fargate))


def places_words(title: str, found: Places) -> str:
    """Return everything that `helpers.figures.places` shows."""
    lines = [title]
    for one in found.services:
        lines.append("  " + said("asked", name=short(one.name), desired=one.desired,
                                 running=one.running))  # fmt: skip
    if not found.services:
        lines.append("  " + said("no_service"))
    lines.append("  " + said("words.fargate", tasks=_listed(found.fargate)))
    for one in found.machines:
        there = one.told if one.there is None else one.there
        lines.append("  " + said("words.machine", state=state_of(one)[2:], tasks=_listed(there)))
        if one.orphans:
            lines.append("    " + said("words.orphans", tasks=_listed(one.orphans)))
        if differs(one):
            lines.append("    " + said("believed", count=len(one.told)))
    if not found.machines:
        lines.append("  " + said("no_machine"))
    return "\n".join(lines)


def _listed(names: tuple[str, ...]) -> str:
    """``page ×2, report``"""
    found = Counter(names)
    rows = [one_line(name, 60) + (f" ×{count}" if count > 1 else "") for name, count in
            found.items()]  # fmt: skip
    return said("comma").join(rows) or said("nothing")
