"""Bytes that an image carries and no container can see; and its largest files."""

from __future__ import annotations

from dataclasses import dataclass

from .columns import FILE, entries_of
from .model import Entry, Image
from .stacking import stacked

__all__ = ["Waste", "Wasted", "largest", "waste"]


@dataclass(frozen=True)
class Wasted:
    """One path whose content is in the image and hidden.

    Fields
    ------
    path: where it was.
    size: hidden content bytes.
    layers: numbers of the layers that hold the hidden bytes, one for each hidden copy.
    hidden_by: the layer that hid each of them, in the same order.
    deleted: True if the path is gone in the end, False if a later copy stands in its place.
    """

    path: str
    size: int
    layers: tuple[int, ...]
    hidden_by: tuple[int, ...]
    deleted: bool


@dataclass(frozen=True)
class Waste:
    """What an image carries in vain; see `waste` for the definition.

    Fields
    ------
    wasted: hidden content bytes.
    efficiency: visible content bytes divided by stored content bytes, 0 to 1.
    items: the paths, most wasted bytes first.
    """

    wasted: int
    efficiency: float
    items: tuple[Wasted, ...]


def waste(image: Image) -> Waste:
    """Return the wasted bytes and the efficiency of ``image``.

    The *stored* bytes are the content bytes of all layers together: for each file entry of each
    layer the length of its content (tar headers, padding, folders and links weigh nothing). The
    *visible* bytes are those of them that a container of the image can read, with a file that has
    several names (hard links) counted once. Then::

        wasted     = stored - visible
        efficiency = visible / stored        (1 for an image without content)

    Every stored byte is counted once: N copies of a file at one path in N layers waste N-1 of them,
    also if they are equal; what is deleted in the end wastes all its bytes, however it was deleted
    (by name, with its folder, by an opaque marker, or by a file in place of its folder). Content is
    not wasted while one of its hard links is still there.
    """
    if "waste" not in image.memo:
        image.memo["waste"] = _waste(image)
    return image.memo["waste"]


def _waste(image: Image) -> Waste:
    stack = stacked(image)
    by_path: dict[str, list] = {}
    for hidden in stack.hidden:
        by_path.setdefault(hidden.path, []).append(hidden)
    items = [
        Wasted(
            path,
            sum(one.size for one in copies),
            tuple(one.layer for one in copies),
            tuple(one.by for one in copies),
            not _there(stack.root, path),
        )
        for path, copies in by_path.items()
    ]
    items.sort(key=lambda item: (-item.size, item.path))
    stored = sum(entries.size for entries in stack.layers)
    wasted = sum(item.size for item in items)
    return Waste(wasted, (stored - wasted) / stored if stored else 1.0, tuple(items))


def _there(root, path: str) -> bool:
    spot = root
    for part in path.split("/"):
        spot = spot.children.get(part) if spot.children else None
        if spot is None:
            return False
    return True


def largest(image: Image, n: int = 10) -> list[tuple[int, Entry]]:
    """Return the ``n`` largest stored files, hidden ones included, as (layer number, entry).

    Largest first; of equal ones the lower layer, then the path, comes first.
    """
    found: list[tuple[int, int, str, int]] = []
    for layer in image.layers:
        entries = entries_of(layer)
        columns = entries.columns
        kinds, sizes = columns.kinds, columns.sizes
        top = sorted(
            (i for i, size in enumerate(sizes) if size and kinds[i] == FILE),
            key=sizes.__getitem__,
            reverse=True,
        )
        floor = sizes[top[n - 1]] if 0 < n <= len(top) else 0
        for i in top:
            if sizes[i] < floor:
                break
            found.append((-sizes[i], layer.number, entries.paths[i], i))
    found.sort()
    by_number = {layer.number: layer for layer in image.layers}
    return [(number, by_number[number].entries[i]) for _, number, _, i in found[: max(n, 0)]]
