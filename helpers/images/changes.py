"""What each layer of an image adds, changes and removes."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Entry, Image
from .stacking import Effect, stacked

__all__ = ["LayerChanges", "changes"]


@dataclass(frozen=True)
class LayerChanges:
    """What one layer does to the tree of the layers below it.

    Fields
    ------
    number: the layer's number.
    added: entries at paths that did not exist below.
    changed: entries that replace what was at their path below. A folder that is merely listed
        again, with the same mode and owner, is no change.
    before: what each of ``changed`` replaced, in the same order.
    removed: what was below and is gone: deleted by name, with its folder, by an opaque marker, or
        because a file took the place of its folder. As the layer that brought them describes them.
    """

    number: int
    added: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    before: tuple[Entry, ...]
    removed: tuple[Entry, ...]

    @property
    def added_bytes(self) -> int:
        """Content bytes of ``added``."""
        return sum(entry.size for entry in self.added)

    @property
    def changed_bytes(self) -> int:
        """Content bytes of ``changed``: what the layer stores for them."""
        return sum(entry.size for entry in self.changed)

    @property
    def removed_bytes(self) -> int:
        """Content bytes of ``removed``: they still weigh in the layers below."""
        return sum(entry.size for entry in self.removed)

    @property
    def files(self) -> tuple[int, int, int]:
        """How many files (no folders, no markers) are added, changed and removed."""
        return (_files(self.added), _files(self.changed), _files(self.removed))


def changes(image: Image) -> tuple[LayerChanges, ...]:
    """Return what each layer of ``image`` adds, changes and removes, bottom layer first."""
    if "changes" not in image.memo:
        stack = stacked(image)
        rows = [list(entries) for entries in stack.layers]
        image.memo["changes"] = tuple(
            _told(number, effect, rows) for number, effect in enumerate(stack.effects, 1)
        )
    return image.memo["changes"]


def _told(number: int, effect: Effect, rows: list[list[Entry]]) -> LayerChanges:
    own = rows[number - 1]
    return LayerChanges(
        number,
        tuple(own[i] for i in effect.added),
        tuple(own[i] for i, _, _ in effect.changed),
        tuple(_was(rows, own[i].path, layer, index) for i, layer, index in effect.changed),
        tuple(_was(rows, path, layer, index) for path, layer, index in sorted(effect.removed)),
    )


def _was(rows: list[list[Entry]], path: str, layer: int, index: int) -> Entry:
    return rows[layer - 1][index] if index >= 0 else Entry(path, "dir", mode=0o755)


def _files(entries: tuple[Entry, ...]) -> int:
    return sum(1 for entry in entries if entry.kind != "dir")
