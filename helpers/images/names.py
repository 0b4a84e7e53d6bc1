"""Names of images: what the engine knows by a name, and what may have been meant."""

from __future__ import annotations

import contextlib
import difflib

import docker

from ..engine import Engine, talking
from ..errors import EngineLost, NotFound


def inspect(engine: Engine, name: str) -> dict:
    """Return what the engine tells of the image that ``name`` (or an ID, or a digest) names.

    Raises
    ------
    NotFound: there is none; near names are suggested.
    """
    with talking(engine):
        try:
            return engine.client.api.inspect_image(name)
        except docker.errors.NullResource:
            pass
        except docker.errors.APIError as error:
            if error.status_code not in (400, 404):
                raise
    found: list[str] = []
    with contextlib.suppress(EngineLost), talking(engine):  # a long list may take too long
        found = _near(engine, name)
    key = "images.missing_near" if found else "images.missing"
    raise NotFound(key, name=name or '""', near=", ".join(found))


def _near(engine: Engine, name: str) -> list[str]:
    """Return up to three names of the engine's images that ``name`` may have meant."""
    listed = engine.client.api.images()
    tags = [tag for image in listed for tag in image.get("RepoTags") or () if "<none>" not in tag]
    short = {tag.removesuffix(":latest"): tag for tag in tags}
    without = {tag.rpartition(":")[0]: tag for tag in tags}
    last = {tag.rpartition("/")[2]: tag for tag in tags}
    found: dict[str, None] = {}
    for names in (short, without, last):
        for key in difflib.get_close_matches(name, names, n=3, cutoff=0.6):
            found[names[key].removesuffix(":latest")] = None
    return list(found)[:3]
