"""How fast the forest of many images is made, held against docker-py's ``images.list()``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from helpers.engine import Engine
from helpers.images import sharing

from . import material
from .harness import Contestant, Result, compete, result, timed


def forest(engine: Engine, say: Callable[[str], None]) -> Iterator[Result]:
    """Chain IDs of many images, with and without the engine's sizes."""
    material.provide(engine, [material.crowd(material.CROWD[engine.store] - 1)], say)
    say(f"forest, {engine.store}")
    limit = 0.4 if engine.store == "overlay2" else None
    # a list of many images takes the containerd store longer than docker-py waits
    engine.client.api.timeout = 600
    rows = compete(
        [
            Contestant("docker-py images.list()", lambda: timed(engine.client.images.list)),
            Contestant(
                "sharing.forest(sizes=None)",
                lambda: timed(lambda: sharing.forest(engine=engine, sizes=None)),
                limit,
            ),
            Contestant(
                "sharing.forest(): with the engine's sizes",
                lambda: timed(lambda: sharing.forest(engine=engine)),
                limit,
            ),
            Contestant("GET /images/json alone", lambda: timed(engine.client.api.images)),
        ],
        say=say,
    )
    made = sharing.forest(engine=engine, sizes=None)
    title = f"Forest: {len(made.images):,} images, {len(made.nodes):,} layers"
    notes = [
        "`images.list()` asks once for the list and once for each image, and tells no diff ID "
        "apart: the forest also knows who shares what."
    ]
    yield result("forest", title, "crowd", engine, rows, *notes)
