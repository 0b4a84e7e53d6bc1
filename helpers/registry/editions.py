"""Small images of several layers to push and pull, for any platform, made without a builder.

A builder keeps the layers of an image in its cache when the image is removed, and a pull then
fetches nothing. What is made here is held by its images alone.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from io import BytesIO

from .. import debian
from ..bases.archive import CREATED, LayerWriter, Recipe, load, present
from ..bases.below import Below
from ..bases.busybox_root import ARCHITECTURES, SUITE, known_architecture, layer, mark, program
from ..engine import Engine, labels
from ..errors import EngineFailed
from . import names

__all__ = ["PAGE", "edition"]

PAGE = 300_000  # bytes of a page's file; they look random, so no compression makes them fewer
VERSION = 1  # of the recipe; count up when the image changes


def edition(
    engine: Engine,
    name: str,
    pages: Sequence[str],
    secret: str,
    architecture: str | None = None,
    lesson: str | None = None,
) -> str:
    """Make an image of BusyBox and one layer more for each page; see `Registry.edition`.

    Parameters
    ----------
    secret: from which all layers follow. The containerd image store remembers in which repository
        of 127.0.0.1 it has met a layer, whatever the port: layers that another registry held would
        be looked for in the wrong place.

    Raises
    ------
    EngineFailed: the architecture or a name is none that the course knows.
    DownloadFailed, NotOurs, EngineLost, NoSpace: as for `helpers.bases.busybox`.
    """
    architecture = architecture or known_architecture(engine)
    for word in (name, *pages):
        names.check(word)
    if architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise EngineFailed("bases.architecture", architecture=architecture, known=known)
    recipe = Recipe(
        name=name,
        architecture=architecture,
        author=mark(engine, "edition", VERSION, architecture, name, secret, *pages),
        created_by=f"page {pages[-1]}" if pages else "BusyBox (static), Debian 12",
        cmd=("ls", "/pages"),
        labels=labels.make(lesson),
    )
    if architecture == engine.architecture and present(engine, recipe):
        return name
    (deb,) = debian.fetch(["busybox-static"], SUITE, architecture)
    layers = [layer(program(deb), secret), *(_page(page, secret) for page in pages)]
    steps = ["BusyBox (static), Debian 12", *(f"page {page}" for page in pages)]
    return load(engine, recipe, layers[-1], _below(layers[:-1], steps[:-1]))


def _page(page: str, secret: str) -> BytesIO:
    """Return the tar of a page's layer; its bytes follow from the word and the secret."""
    content = random.Random(f"{secret} {page}").randbytes(PAGE)
    with LayerWriter() as tar:
        tar.folder("pages")
        tar.add(f"pages/{page}", content)
    return tar.file  # type: ignore[return-value]


def _below(layers: Sequence[BytesIO], steps: Sequence[str]) -> Below:
    rows = []
    for file in layers:
        content = file.getvalue()
        rows.append((f"{hashlib.sha256(content).hexdigest()}", len(content), file))
    return Below(
        config={
            "history": [{"created": CREATED, "created_by": step} for step in steps],
            "rootfs": {"diff_ids": [f"sha256:{digest}" for digest, _, _ in rows]},
        },
        layers=tuple((f"{digest}/layer.tar", size, file) for digest, size, file in rows),
    )
