"""Remove what the course made, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import docker

from ..messages import text
from . import build_cache, inventory, journal
from .connection import Engine, connect, talking

__all__ = ["Removed", "clean"]

# lbl/…, the same in a registry, and a repository of a lesson in ECR: 127.0.0.1:PORT/lbl-13/web
OURS = re.compile(r"lbl/|/lbl-\d\d/")


@dataclass(frozen=True)
class Removed:
    """How many objects of each kind were removed, and which were kept because they are yours.

    ``builds_forgotten``: whether the builder runs the steps of other builds once more, too.
    """

    counts: dict[str, int] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    lesson: str | None = None
    builds_forgotten: bool = False

    def __str__(self) -> str:
        lines = [
            text(f"engine.removed.{kind}.{'one' if count == 1 else 'many'}", count=count)
            for kind, count in self.counts.items()
            if count
        ]
        if not lines and self.lesson:
            lines = [text("engine.removed.nothing_of_lesson", lesson=self.lesson)]
        lines = lines or [text("engine.removed.nothing")]
        if self.builds_forgotten:
            lines.append(text("engine.removed.forgotten"))
        lines += [text("engine.removed.kept", name=name) for name in self.kept]
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


def clean(engine: Engine | None = None, lesson: str | None = None) -> Removed:
    """Remove the course's containers, images, networks and volumes, by label; the rest by exact ID.

    In the containerd image store a builder that removes one record also forgets which steps of
    other builds it could have skipped (seen with Engine 26.1 and 28.5: the records stay, the next
    build does not match them). Cleaning up after a lesson therefore leaves the records of a daemon
    that is not the course's own; cleaning up everything removes them, and says so.

    A name that you gave to an image yourself (one without ``lbl/``) stays, and so
    does the image: it is told in ``kept``.

    Parameters
    ----------
    lesson: a lesson's number, to remove only what belongs to that lesson: what carries its label,
        and what is called ``lbl-01-…`` or ``lbl/01-…``.

    Raises
    ------
    EngineLost: the daemon went away; what is left is removed by the next call.
    """
    engine = engine or connect()
    counts: dict[str, int] = {}
    kept: list[str] = []
    from ..cluster import thawing  # it stands on this package

    thawing.thaw_all(engine, lesson)
    with talking(engine):
        found = [t for t in inventory.take(engine).ours if _belongs(t, lesson)]
        for kind, remove in (
            ("container", _container),
            ("network", _network),
            ("volume", _volume),
            ("image", _image),
        ):
            things = [t for t in found if t.kind == kind]
            counts[kind] = sum(remove(engine, thing, kept) for thing in things)
        keep = lesson and engine.store == "containerd" and not engine.endpoint.private
        counts["build_cache"] = 0 if keep else _build_cache(engine, lesson)
    from ..builds import ledger  # these stand on this package
    from ..capstone import record
    from ..choosing import decided
    from ..components.second_daemon import forget as forget_second
    from ..kubernetes import leaving
    from ..registry import logins

    counts["login"] = logins.clean(engine, lesson)
    counts["context"] = forget_second(engine, lesson)
    counts["kubernetes"] = leaving.clean(engine, lesson)
    if not keep:
        ledger.forget(engine, lesson)
    if lesson in (None, record.LESSON):
        record.forget(engine)
        decided.forget(engine)
    if lesson is None:
        from ..bases import forget_salt

        forget_salt(engine)
    forgotten = bool(counts["build_cache"]) and engine.store == "containerd" and lesson is None
    return Removed(counts, tuple(kept), lesson, forgotten)


def _belongs(thing: inventory.Thing, lesson: str | None) -> bool:
    if lesson is None or thing.lesson == lesson:
        return True
    marks = (f"lbl-{lesson}-", f"lbl/{lesson}-")
    return any(name.startswith(marks) for name in thing.names)


def _container(engine: Engine, thing: inventory.Thing, _kept: list[str]) -> bool:
    return _gone(lambda: engine.client.api.remove_container(thing.id, v=True, force=True))


def _network(engine: Engine, thing: inventory.Thing, _kept: list[str]) -> bool:
    return _gone(lambda: engine.client.api.remove_network(thing.id))


def _volume(engine: Engine, thing: inventory.Thing, _kept: list[str]) -> bool:
    return _gone(lambda: engine.client.api.remove_volume(thing.id))


def _image(engine: Engine, thing: inventory.Thing, kept: list[str]) -> bool:
    api = engine.client.api
    yours = [name for name in thing.names if not OURS.search(name)]
    if yours:
        kept.extend(yours)
        return any([_gone(lambda n=n: api.remove_image(n)) for n in set(thing.names) - set(yours)])
    # Untagging the last name removes the image; one without a name goes by its ID.
    names = thing.names or (thing.id,)
    return any([_gone(lambda n=n: api.remove_image(n, force=True)) for n in names])


def _gone(remove: object) -> bool:
    try:
        remove()  # type: ignore[operator]
    except docker.errors.NotFound:
        return False
    except docker.errors.APIError as error:
        # 409: it is going away already, or somebody else's container stands on it; 403: is in it
        if error.status_code in (403, 409):
            return False
        raise
    return True


def _build_cache(engine: Engine, lesson: str | None) -> int:
    """Remove the journalled records, each by its ID; the daemon keeps what is in use."""
    wanted = [e for e in journal.entries(engine, "build-cache") if lesson in (None, e.lesson)]
    if not wanted:
        return 0
    present = build_cache.records(engine)
    left = build_cache.remove(engine, (entry.id for entry in wanted))
    journal.forget(entry for entry in wanted if entry.id not in left)
    return len([entry for entry in wanted if entry.id in present - left])
