"""Two images, layer by layer: which are the same, and what tells the others apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from ..messages import text
from ..text import plain
from .model import Entry, Image, Layer

__all__ = ["LayerLikeness", "Likeness", "compare"]

SHOWN = 3  # paths that are named for a layer
Entries = dict[str, Entry]  # by the path in the tar
Folders = Entries


@dataclass(frozen=True)
class LayerLikeness:
    """How the layers at one place of two stacks compare.

    Fields
    ------
    number: of the layer in both.
    kind: ``"same"`` (one diff ID), ``"times"`` (nothing but times of files differ), ``"files"``,
        ``"inside"`` (the same names, sizes and times, and other bytes), or ``"one"`` (only one of
        the images has such a layer).
    paths: of what differs, sorted, files before folders; folders in which only a time differs are
        left out where a file differs as well. Untrusted text.
    """

    number: int
    kind: str
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = ", ".join(f"/{plain(path)}" for path in self.paths[:SHOWN])
        if len(self.paths) > SHOWN:
            named = text("images.likeness.more", paths=named, count=len(self.paths) - SHOWN)
        return text(f"images.likeness.{self.kind}", number=self.number, paths=named)


@dataclass(frozen=True)
class Likeness:
    """Two images compared layer by layer, the lowest first."""

    names: tuple[str, str]
    layers: tuple[LayerLikeness, ...]

    def __str__(self) -> str:
        one, other = map(plain, self.names)
        title = text("images.likeness.title", one=one, other=other)
        return "\n".join([title, *map(str, self.layers)])

    __repr__ = __str__


def compare(one: Image, other: Image) -> Likeness:
    """Compare two images that `helpers.images.read` returned, layer by layer.

    Names, kinds, sizes, modes, owners, link targets and times are compared, and the diff IDs; the
    bytes of the files are not read.
    """
    rows: list[LayerLikeness] = []
    folders: tuple[Folders, Folders] = ({}, {})  # of the layers below, for each image
    for number, (left, right) in enumerate(zip_longest(one.layers, other.layers), start=1):
        rows.append(_layer(number, left, right, folders))
        for layer, below in zip((left, right), folders, strict=True):
            below.update({e.stored: e for e in layer.entries if e.kind == "dir"} if layer else {})
    return Likeness((one.name, other.name), tuple(rows))


def _layer(
    number: int, left: Layer | None, right: Layer | None, folders: tuple[Folders, Folders]
) -> LayerLikeness:
    if left is None or right is None:
        return LayerLikeness(number, "one")
    if left.diff_id == right.diff_id:
        return LayerLikeness(number, "same")
    here, there = ({entry.stored: entry for entry in layer.entries} for layer in (left, right))
    both = here.keys() | there.keys()
    # A folder's time follows what is done in it, and builders and stores differ, even from build to
    # build, in which folders of the layers below a layer lists again: BuildKit's stubs in /etc.
    again = {p for p in here.keys() ^ there.keys() if _listed_again(p, here, there, folders)}
    differing = [p for p in both - again if _timeless(here.get(p)) != _timeless(there.get(p))]
    if differing:
        return LayerLikeness(number, "files", _sorted(differing, here | there))
    differing = [path for path in both - again if here[path].mtime != there[path].mtime]
    files = [path for path in differing if here[path].kind != "dir"]
    named = files or [*differing, *again]
    return LayerLikeness(number, "times" if named else "inside", _sorted(named, here | there))


def _listed_again(
    path: str, here: Entries, there: Entries, folders: tuple[Folders, Folders]
) -> bool:
    """Whether the one layer that has a path only lists a folder that lies below just like that."""
    entry, below = (here[path], folders[0]) if path in here else (there[path], folders[1])
    return entry.kind == "dir" and _timeless(entry) == _timeless(below.get(path))


def _timeless(entry: Entry | None) -> Entry | None:
    return entry and entry._replace(mtime=0)


def _sorted(paths: list[str], entries: dict[str, Entry]) -> tuple[str, ...]:
    return tuple(sorted(paths, key=lambda path: (entries[path].kind == "dir", path)))
