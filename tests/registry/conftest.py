"""A registry for each test, and the images that it is tried with."""

from __future__ import annotations

from collections.abc import Iterator

import docker
import pytest

from helpers import registry
from helpers.engine import Engine
from helpers.registry import Registry

ONE, TWO = "lbl/test-paper:1", "lbl/test-paper:2"


def forget(engine: Engine, *names: str) -> None:
    """Remove images; those that are not there are no matter."""
    for name in names:
        try:
            engine.client.api.remove_image(name, force=True)
        except docker.errors.ImageNotFound:
            continue


def sweep(engine: Engine) -> None:
    rows = engine.client.api.images()
    names = [tag for row in rows for tag in row.get("RepoTags") or () if "lbl/test-" in tag]
    forget(engine, *names)


@pytest.fixture
def shelf(engine: Engine) -> Iterator[Registry]:
    """An empty registry; two editions for it lie on the engine, the second on the first."""
    found = registry.start(engine, empty=True)
    found.edition(ONE, ["monday"])
    found.edition(TWO, ["monday", "tuesday"])
    yield found
    found.stop()
    sweep(engine)
