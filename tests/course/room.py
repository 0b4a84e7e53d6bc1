"""A daemon with somebody else's things in it, and what must still be true of it afterwards."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from helpers.engine import Engine, build_cache, cleanup, clock, inventory, journal

from ..engine import foreign

__all__ = ["Room", "foreign_build", "furnished"]


@dataclass(frozen=True)
class Room:
    """A daemon with foreign objects, and what it held before the course came."""

    engine: Engine
    held: inventory.Inventory
    cache: dict[str, str]
    began: float  # by the engine's clock
    journalled: set[journal.Entry]  # what a foreign build of another test stands on

    def as_it_was(self) -> list[str]:
        """Return what of somebody else's has changed or gone: nothing, if all is well."""
        return self.held.foreign_changes(inventory.take(self.engine))

    def wrongly_ours(self) -> set[journal.Entry]:
        """Return what has been written down as the course's, and was there before it came."""
        now = set(journal.entries(self.engine, "build-cache"))
        return {one for one in now - self.journalled if one.id in self.cache}

    def of(self, lesson: str) -> list[str]:
        """Name what the daemon holds of one lesson."""
        marks = (f"lbl-{lesson}-", f"lbl/{lesson}-")
        return [
            f"{thing.kind} {' '.join(thing.names) or thing.id}"
            for thing in inventory.take(self.engine).ours
            if thing.lesson == lesson or any(name.startswith(marks) for name in thing.names)
        ]

    def records_left(self) -> dict[str, str]:
        """Return the builder's records that came since, and are not somebody else's."""
        return build_cache.new(self.engine, self.cache, self.began)

    def records_gone(self) -> Counter[str]:
        """Return what the builder no longer has of somebody else's.

        By what they are called: one of two that share their data is listed, now this, now that.
        """
        held = Counter(self.cache.values())
        return held - Counter(build_cache.described(self.engine).values())


@contextmanager
def furnished(engine: Engine, *, empty: bool = True) -> Iterator[Room]:
    """Put somebody else's objects into a daemon, and take them away again.

    Parameters
    ----------
    empty: remove everything of the course before and after; else what it has (base images that
        the next lesson uses too) stays.
    """
    if empty:
        cleanup.clean(engine)
    foreign.everything(engine)
    foreign_build(engine)
    try:
        yield Room(
            engine,
            inventory.take(engine),
            build_cache.described(engine),
            clock.now(engine),
            set(journal.entries(engine)),
        )
    finally:
        if empty:
            cleanup.clean(engine)
        foreign.remove(engine)


def foreign_build(engine: Engine) -> bool:
    """Build an image that is not the course's; return whether its step was a cache hit."""
    dockerfile = f"FROM {foreign.IMAGE}\nRUN echo mine > /mine\n"
    done = subprocess.run(
        ["docker", "build", "--progress=plain", "-t", "foreign/busybox:built", "-"],
        input=dockerfile, env=engine.environment(), check=True, timeout=300,
        capture_output=True, text=True,
    )  # fmt: skip
    return "CACHED" in done.stderr
