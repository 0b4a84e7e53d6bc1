"""Take from the builder what the builds of one lesson left, as `docker builder prune` would."""

from __future__ import annotations

from ..engine import Engine, build_cache, connect, journal
from ..messages import text
from .request import Context

__all__ = ["prune"]


def prune(scenario: Context, engine: Engine | None = None) -> None:
    """Remove the results of all builds of a scenario's lesson; print the command that does it.

    Only records that the course noted when they were made are removed, each by its ID. The images
    stay. On an engine that is not the course's own and has the containerd image store nothing is
    removed, and that is said: there a builder that loses one record forgets what led to others,
    those of other people included (`helpers.engine.cleanup`).

    Raises
    ------
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    print("$ docker builder prune --all --force --filter id=…")
    if engine.store == "containerd" and not engine.endpoint.private:
        print(text("builds.prune.not_here"))
        return
    wanted = [e for e in journal.entries(engine, "build-cache") if e.lesson == scenario.lesson]
    left = build_cache.remove(engine, (entry.id for entry in wanted))
    journal.forget(entry for entry in wanted if entry.id not in left)
    print(text("builds.prune.done", lesson=scenario.lesson))
