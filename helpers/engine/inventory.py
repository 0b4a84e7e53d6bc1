"""What lies in a daemon: the course's objects and everybody else's, told apart."""

from __future__ import annotations

from dataclasses import dataclass

from . import labels
from .connection import Engine, talking

__all__ = ["Inventory", "Thing", "take"]


@dataclass(frozen=True, order=True)
class Thing:
    """One object of a daemon.

    ``detail`` is what must not change either: a container's state and image, a network's driver.
    """

    kind: str
    id: str
    names: tuple[str, ...]
    ours: bool
    lesson: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Inventory:
    """All images, containers, networks and volumes of a daemon at one moment."""

    things: frozenset[Thing]

    @property
    def ours(self) -> list[Thing]:
        """What the course made, sorted."""
        return sorted((t for t in self.things if t.ours), key=_order)

    @property
    def foreign(self) -> frozenset[Thing]:
        """What the course must never touch."""
        return frozenset(t for t in self.things if not t.ours)

    def foreign_changes(self, later: Inventory) -> list[str]:
        """Return a line per foreign object that differs in ``later``; empty if none does."""
        lost = [f"- {_name(t)}" for t in sorted(self.foreign - later.foreign, key=_order)]
        new = [f"+ {_name(t)}" for t in sorted(later.foreign - self.foreign, key=_order)]
        return lost + new


def _order(thing: Thing) -> tuple[str, tuple[str, ...], str]:
    return (thing.kind, thing.names, thing.id)


def _name(thing: Thing) -> str:
    return f"{thing.kind} {' '.join(thing.names) or thing.id} {thing.detail}".rstrip()


def take(engine: Engine) -> Inventory:
    """Return what lies in ``engine`` now; four list calls, nothing is changed.

    Raises
    ------
    EngineLost: the daemon went away.
    """
    api = engine.client.api
    with talking(engine):
        images = api.images(all=False)
        containers = api.containers(all=True)
        networks = api.networks()
        volumes = api.volumes().get("Volumes") or []
    found = [_thing("image", i["Id"], _tags(i), i["Labels"]) for i in images]
    found += [
        _thing("container", c["Id"], c["Names"], c["Labels"], f"{c['State']} {c['Image']}")
        for c in containers
    ]
    found += [_thing("network", n["Id"], [n["Name"]], n["Labels"], n["Driver"]) for n in networks]
    found += [_thing("volume", v["Name"], [v["Name"]], v["Labels"], v["Driver"]) for v in volumes]
    return Inventory(frozenset(found))


def _tags(image: dict) -> list[str]:
    return [tag for tag in image.get("RepoTags") or [] if tag != "<none>:<none>"]


def _thing(
    kind: str, identifier: str, names: list[str], marks: dict | None, detail: str = ""
) -> Thing:
    cleaned = tuple(sorted(name.lstrip("/") for name in names))
    ours, lesson = labels.ours(marks), labels.lesson_of(marks)
    if kind in ("network", "volume") and not ours:  # maybe made by hand in an exercise
        ours, lesson = labels.belongs(marks, cleaned[0]), labels.named(cleaned[0])
    return Thing(kind, identifier, cleaned, ours, lesson, detail)
