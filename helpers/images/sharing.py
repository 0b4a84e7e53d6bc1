"""Which layers images have in common: the forest of chain IDs over any number of images.

A layer is stored once for each **chain ID**: the hash of the layer *and all below it*
(https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid)::

    chain(L1) = diff_id(L1)
    chain(Ln) = sha256(chain(Ln-1) + " " + diff_id(Ln))

So the chains of all images of an engine form a forest: two images share exactly the path from a
root to where they part. The same content on top of another base is another node.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from ..messages import text
from . import layer_sizes, survey
from .chains import Forest, Member, Node, Removal, Shared
from .survey import Progress, Seen

if TYPE_CHECKING:
    from ..engine import Engine

__all__ = ["Forest", "Member", "Node", "Removal", "Shared", "forest"]

PATIENCE = 2.0  # seconds before progress is shown: quick forests print nothing


def forest(
    names: str | Iterable[str] | None = None,
    engine: Engine | None = None,
    *,
    sizes: Literal["auto", "content", "engine"] | None = "auto",
    others: bool = True,
    progress: Progress | None = None,
) -> Forest:
    """Return the forest of chain IDs of some images, or of all images of an engine.

    Parameters
    ----------
    names: tags or IDs; the same image twice is one image. None: every image of the engine, the
        dangling ones too.
    engine: the engine to ask; by default the one that `helpers.engine.connect` finds.
    sizes: ``"content"``: bytes of the files in each layer, the same on every engine and store; each
        layer that the index does not know yet is read once. ``"engine"``: what the engine says each
        layer takes, which needs no reading. None: no sizes, the fastest. ``"auto"``: content for
        ``names``, engine for all images.
    others: with ``names``, also look which layers the engine's other images stand on, so that
        `Forest.removal` tells the truth about the whole engine (one small question per image).
        Without it, only the named images count.
    progress: called with (images done, images) while many images are looked at; by default a line
        on stderr when that takes longer than 2 s.

    Raises
    ------
    NotFound: one of ``names`` does not exist; the message suggests near names.
    EngineLost: the daemon went away. EngineFailed: it refuses to list its images.
    BadArchive: the content of an image is damaged (``sizes="content"``).
    """
    if engine is None:
        from ..engine import connect

        engine = connect()
    wanted = [names] if isinstance(names, str) else None if names is None else list(names)
    if sizes == "auto":
        sizes = "engine" if wanted is None else "content"
    with _Reporter(progress) as report:
        around: list[Seen] = []
        skipped: tuple[str, ...] = ()
        if wanted is None:
            found = survey.take(engine, report)
            seen = sorted(found.images, key=lambda image: (not image.names, image.names, image.id))
            skipped = found.skipped
            called = {image.id: min(image.names, default=_short(image.id)) for image in seen}
        else:
            asked = survey.look_up(engine, wanted)
            seen = list({image.id: image for image in asked.values()}.values())
            called = {image.id: _called(name, image) for name, image in reversed(asked.items())}
            if others:
                ids = {image.id for image in seen}
                around = [i for i in survey.take(engine, report).images if i.id not in ids]
        chains = _chains([*seen, *around])
        members = tuple(
            Member(called[image.id], image.id, image.names, chains[image.id], image.containers)
            for image in seen
        )
        measured = layer_sizes.measure(engine, members, sizes, report) if sizes else {}
        cached = survey.cached(engine) if sizes else None
    nodes = _nodes(seen, around, members, chains, measured)
    roots = tuple(node.chain_id for node in nodes.values() if node.parent is None)
    return Forest(MappingProxyType(nodes), members, roots, sizes, skipped, cached)


def _chains(images: Iterable[Seen]) -> dict[str, tuple[str, ...]]:
    """Return the chain IDs of images by image ID; what images share is hashed once."""
    known: dict[tuple[str | None, str], str] = {}
    found = {}
    for image in images:
        chain: list[str] = []
        below = None
        for diff_id in image.diff_ids:
            key = below, diff_id
            if key not in known:
                both = f"{below} {diff_id}".encode()
                known[key] = "sha256:" + sha256(both).hexdigest() if below else diff_id
            below = known[key]
            chain.append(below)
        found[image.id] = tuple(chain)
    return found


def _nodes(
    seen: Sequence[Seen],
    around: Sequence[Seen],
    members: Sequence[Member],
    chains: Mapping[str, tuple[str, ...]],
    sizes: Mapping[str, int],
) -> dict[str, Node]:
    diff_ids: dict[str, str] = {}
    below: dict[str, str | None] = {}
    above: dict[str, list[str]] = {}
    standing: dict[str, list[str]] = {}
    for image, member in zip(seen, members, strict=True):
        parent = None
        for chain, diff_id in zip(member.chain, image.diff_ids, strict=True):
            if chain not in below:
                below[chain], diff_ids[chain] = parent, diff_id
                above[chain], standing[chain] = [], []
                if parent:
                    above[parent].append(chain)
            standing[chain].append(member.name)
            parent = chain
    elsewhere = Counter(chain for image in around for chain in chains[image.id])
    numbers: dict[str, int] = {}
    for chain, parent in below.items():
        numbers[chain] = numbers[parent] + 1 if parent else 1
    return {
        chain: Node(
            chain,
            diff_ids[chain],
            numbers[chain],
            parent,
            tuple(above[chain]),
            tuple(standing[chain]),
            elsewhere[chain],
            sizes.get(chain),
        )
        for chain, parent in below.items()
    }


def _called(name: str, image: Seen) -> str:
    for tag in (name, f"{name}:latest"):
        if tag in image.names:
            return tag
    return min(image.names, default=_short(image.id))


def _short(id: str) -> str:
    return id.removeprefix("sha256:")[:12]


class _Reporter:
    """Calls the caller's progress, or writes a line to stderr once it has taken long."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._due = time.monotonic() + PATIENCE
        self._wrote = False

    def __enter__(self) -> Progress:
        return self._progress or self._write

    def __exit__(self, *_: object) -> None:
        if self._wrote:
            print(file=sys.stderr)

    def _write(self, done: int, total: int) -> None:
        if time.monotonic() > self._due:
            self._due = time.monotonic() + 1
            self._wrote = True
            line = text("sharing.progress", done=done, total=total)
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
