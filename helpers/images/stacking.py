"""Layers put on top of each other, in one pass: what each adds, replaces, removes and hides.

The rules are those of the image specification
(https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets): the whiteouts
and opaque markers of a layer act on what lies below it, then its entries are added; a folder over a
folder keeps the content, anything else replaces what had the same path, with all that was in it.

Each path is made once, changed or removed once per layer that says so, and a removed folder is
walked once: the work grows with the number of entries, not with entries times deletions.
"""

from __future__ import annotations

from typing import NamedTuple

from .columns import DIR, FILE, HARDLINK, OPAQUE, SYMLINK, WHITEOUT, Entries, entries_of
from .model import Image

LINK_HOPS = 40  # symbolic links that a path may go through, as in Linux


class Spot:
    """A path of the merged tree, and the entry that it comes from."""

    __slots__ = ("children", "index", "inode", "layer", "path")

    def __init__(self, path: str, layer: int, index: int, is_dir: bool) -> None:
        self.path = path
        self.layer = layer
        self.index = index  # -1: no entry says so, it is the parent of one
        self.children: dict[str, Spot] | None = {} if is_dir else None
        self.inode: tuple[int, int] | None = None  # layer and index of the file it is a name of


class Hidden(NamedTuple):
    """Content of a lower layer that no path shows any more."""

    path: str
    size: int
    layer: int  # where the bytes lie
    by: int  # the layer that hid them


class Effect(NamedTuple):
    """What one layer did, by position: its own entries, and those below that it acted on."""

    added: list[int]
    changed: list[tuple[int, int, int]]  # own index, layer and index of what was there
    removed: list[tuple[str, int, int]]  # path, layer and index of what was there


class Stack:
    """The merged tree of the layers that were put on it."""

    def __init__(self) -> None:
        self.root = Spot("", 0, -1, True)
        self.layers: list[Entries] = []
        self.effects: list[Effect] = []
        self.hidden: list[Hidden] = []
        self.names: dict[tuple[int, int], int] = {}  # how many paths a linked file has

    def put(self, entries: Entries) -> None:
        """Put one more layer on top."""
        self.layers.append(entries)
        _Putting(self, entries).run()

    def kind(self, spot: Spot) -> int:
        """The kind code of what is at ``spot``."""
        return DIR if spot.index < 0 else self.layers[spot.layer - 1].columns.kinds[spot.index]


def stacked(image: Image, upto: int | None = None) -> Stack:
    """Return the layers 1 to ``upto`` of ``image`` (default: all) stacked; kept with the image."""
    top = len(image.layers) if upto is None else upto
    key = f"stack {top}"
    if key not in image.memo:
        stack = Stack()
        for layer in image.layers[:top]:
            stack.put(entries_of(layer))
        image.memo[key] = stack
    return image.memo[key]


class _Putting:
    """One layer on its way onto a stack."""

    def __init__(self, stack: Stack, entries: Entries) -> None:
        self.stack, self.entries = stack, entries
        self.number = len(stack.layers)
        self.folders: dict[str, Spot] = {"": stack.root}
        self.removed: dict[str, tuple[int, int]] = {}

    def run(self) -> None:
        kinds, paths = self.entries.columns.kinds, self.entries.paths
        added: list[Spot] = []
        changed: list[tuple[Spot, int, int]] = []
        self._whiteouts(kinds, paths)
        for index, kind in enumerate(kinds):
            if kind < WHITEOUT:
                self._add(paths[index], index, kind, added, changed)
            else:  # the engine makes the parents of a marker too
                head = paths[index] if kind == OPAQUE else paths[index].rpartition("/")[0]
                self.folders.get(head) or self._folder(head)
        number = self.number
        self.stack.effects.append(
            Effect(
                [spot.index for spot in added if spot.layer == number],
                [(spot.index, lay, i) for spot, lay, i in changed if spot.layer == number],
                [(path, *where) for path, where in self.removed.items()],
            )
        )

    def _whiteouts(self, kinds, paths: list[str]) -> None:
        if kinds.find(WHITEOUT) < 0 and kinds.find(OPAQUE) < 0:
            return
        for index, kind in enumerate(kinds):
            if kind == WHITEOUT:
                folder, _, name = paths[index].rpartition("/")
                parent = self._find(folder)
                if parent is not None and (gone := parent.children.pop(name, None)):
                    self._remove(gone)
            elif kind == OPAQUE and (folder := self._find(paths[index])):
                below, folder.children = folder.children, {}
                for gone in below.values():
                    self._remove(gone)

    def _find(self, path: str) -> Spot | None:
        """The folder at ``path``, if the layers below hold one."""
        spot = self.stack.root
        for part in path.split("/") if path else ():
            spot = spot.children.get(part)
            if spot is None or spot.children is None:
                return None
        return spot

    def _add(self, path: str, index: int, kind: int, added: list, changed: list) -> None:
        head, _, name = path.rpartition("/")
        parent = self.folders.get(head) or self._folder(head)
        if parent.path != head:  # through a symbolic link
            path = f"{parent.path}/{name}" if parent.path else name
        here = parent.children.get(name)
        if here is None:
            here = Spot(path, self.number, index, kind == DIR)
            parent.children[name] = here
            if path in self.removed:
                changed.append((here, *self.removed.pop(path)))
            else:
                added.append(here)
        elif here.layer == self.number and here.index < 0:  # implied earlier by one of its files
            here.index = index
            added.append(here)
            if kind != DIR:
                self._replace(here, index, kind)
        else:
            if here.layer != self.number and self._differs(here, index, kind):
                changed.append((here, here.layer, here.index))
            self._replace(here, index, kind)
        if kind == HARDLINK:
            self._link(here, index)

    def _differs(self, here: Spot, index: int, kind: int) -> bool:
        """Whether an entry over ``here`` says anything new.

        A layer repeats the folders on the way to what it changes: those are no change.
        """
        if kind != DIR or here.children is None or here.index < 0:
            return not (kind == DIR and here.children is not None)
        new, old = self.entries.columns, self.stack.layers[here.layer - 1].columns
        return (new.modes[index], new.uids[index], new.gids[index]) != (
            old.modes[here.index], old.uids[here.index], old.gids[here.index]
        )  # fmt: skip

    def _replace(self, here: Spot, index: int, kind: int) -> None:
        if here.children is not None and kind != DIR:
            for gone in here.children.values():
                self._remove(gone)
            here.children = None
            self.folders = {"": self.stack.root}
        elif here.children is None:
            self._hide(here)
            if kind == DIR:
                here.children = {}
        here.layer, here.index, here.inode = self.number, index, None

    def _remove(self, gone: Spot) -> None:
        """Take ``gone`` and everything in it out of the merged tree."""
        todo = [gone]
        while todo:
            spot = todo.pop()
            if spot.layer != self.number:
                self.removed[spot.path] = (spot.layer, spot.index)
            if spot.children is None:
                self._hide(spot)
            else:
                todo.extend(spot.children.values())
            spot.layer = -1

    def _hide(self, spot: Spot) -> None:
        """Count the content of ``spot`` as hidden, unless another path still shows it."""
        inode = spot.inode or (spot.layer, spot.index)
        if inode in self.stack.names:
            self.stack.names[inode] -= 1
            if self.stack.names[inode]:
                return
        layer, index = inode
        if size := self.stack.layers[layer - 1].columns.sizes[index]:
            self.stack.hidden.append(Hidden(spot.path, size, layer, self.number))

    def _link(self, here: Spot, index: int) -> None:
        target = self.stack.root
        for part in self.entries.targets[index].split("/"):
            target = target.children.get(part) if target and target.children else None
        if target is None or target is here or self.stack.kind(target) not in (FILE, HARDLINK):
            return
        here.inode = target.inode or (target.layer, target.index)
        self.stack.names[here.inode] = self.stack.names.get(here.inode, 1) + 1

    def _folder(self, path: str) -> Spot:
        """The folder at ``path``, made if it is missing, as the engine makes missing parents."""
        spot, hops = self.stack.root, 0
        parts = path.split("/")[::-1]
        while parts:
            part = parts.pop()
            child = spot.children.get(part)
            if child is None:
                below = f"{spot.path}/{part}" if spot.path else part
                child = spot.children[part] = Spot(below, self.number, -1, True)
            elif child.children is None:
                goal = self._goal(child)
                if goal is None or hops == LINK_HOPS:
                    self._replace(child, -1, DIR)
                else:
                    hops += 1
                    spot, parts = self.stack.root, parts + goal[::-1]
                    continue
            spot = child
        self.folders[path] = spot
        return spot

    def _goal(self, spot: Spot) -> list[str] | None:
        """Where a symbolic link that this same layer made leads: the engine unpacks through it."""
        if spot.layer != self.number or self.stack.kind(spot) != SYMLINK:
            return None
        target = self.entries.targets[spot.index]
        walked = [] if target.startswith("/") else spot.path.split("/")[:-1]
        for part in target.split("/"):
            if part == "..":
                del walked[-1:]
            elif part not in ("", "."):
                walked.append(part)
        return walked
