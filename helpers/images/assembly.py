"""An `Image` put together out of a config document and the entries of its layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import history
from .columns import Entries
from .model import Image, Layer, chain_ids


def image(
    name: str, image_id: str, tags: Iterable[str], document: dict, entries: Sequence[Entries]
) -> Image:
    """Return the image that ``document`` (an image's config) and its layers' entries describe."""
    diff_ids = document["rootfs"]["diff_ids"]
    told = history.steps(document.get("history"), len(diff_ids))
    by_layer = {step.layer: step for step in told if step.layer}
    stack = zip(diff_ids, chain_ids(diff_ids), entries, strict=True)
    layers = tuple(
        Layer(number, diff_id, chain, held.size, held, by_layer.get(number))
        for number, (diff_id, chain, held) in enumerate(stack, 1)
    )
    return Image(name, image_id, tuple(sorted(tags)), layers, told, history.config(document))
