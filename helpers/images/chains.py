"""Layers of several images as a forest of chain IDs: the data, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..errors import NotFound


@dataclass(frozen=True, slots=True)
class Node:
    """One layer at one place: stored once, however many images stand on it.

    Parameters
    ----------
    chain_id, diff_id: ``sha256:…``.
    number: its place in the stack, 1 at the bottom.
    parent: chain ID of the layer below; None for a bottom layer.
    children: chain IDs of the layers that lie directly on it.
    images: names of the forest's images that stand on it.
    elsewhere: how many images of the engine that are *not* in the forest stand on it too.
    size: bytes, as `Forest.unit` says; None if sizes were not asked for.
    """

    chain_id: str
    diff_id: str
    number: int
    parent: str | None
    children: tuple[str, ...]
    images: tuple[str, ...]
    elsewhere: int
    size: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """One image of a forest.

    Parameters
    ----------
    name: what it is called here: the name it was asked by, else its first tag, else (dangling) the
        first 12 digits of its ID.
    id: the engine's ID of it. names: all its tags. chain: chain IDs of its layers, bottom first.
    containers: names of the containers that were made from it.
    """

    name: str
    id: str
    names: tuple[str, ...]
    chain: tuple[str, ...]
    containers: tuple[str, ...] = ()

    @property
    def dangling(self) -> bool:
        """Whether no tag names it."""
        return not self.names


@dataclass(frozen=True, slots=True)
class Shared:
    """What two images have in common: the layers, bottom first, and their bytes together."""

    layers: tuple[Node, ...]
    size: int | None


@dataclass(frozen=True, slots=True)
class Removal:
    """What really happens when images are removed.

    Parameters
    ----------
    size: bytes that are freed; None if sizes were not asked for.
    layers: the layers that go: no other image of the engine stands on them.
    untagged: images that only lose a name, because another tag names them too.
    in_use: images that stay because a container was made from them.
    cached: at most so many of the bytes stay all the same, as build cache (see `Forest.removal`);
        None if that is not known.
    """

    size: int | None
    layers: tuple[Node, ...]
    untagged: tuple[str, ...]
    in_use: tuple[str, ...]
    cached: int | None = None


@dataclass(frozen=True)
class Forest:
    """The layers of several images, each once.

    Parameters
    ----------
    nodes: chain ID → layer; parents before their children.
    images: in the order they were asked for; otherwise sorted by name.
    roots: chain IDs of the bottom layers.
    unit: ``"content"``: sizes are the bytes of the files in a layer, the same on every engine;
        ``"engine"``: what the engine says a layer takes; None: there are no sizes.
    skipped: IDs of images that the engine lists and cannot open.
    cached_bytes: bytes of layers that the engine's build cache holds together with images; None if
        sizes were not asked for, or the engine (before 23.0) does not tell.
    """

    nodes: Mapping[str, Node]
    images: tuple[Member, ...]
    roots: tuple[str, ...]
    unit: Literal["content", "engine"] | None = None
    skipped: tuple[str, ...] = ()
    cached_bytes: int | None = None

    def image(self, name: str) -> Member:
        """Return the image of a name, a tag (``:latest`` may be left out) or an ID.

        Raises
        ------
        NotFound: it is not in this forest.
        """
        for key in (name, f"{name}:latest"):
            if key in self._by_name:
                return self._by_name[key]
        digits = name.removeprefix("sha256:")
        found = [i for i in self.images if i.id.removeprefix("sha256:").startswith(digits)]
        if len(digits) >= 4 and len(found) == 1:
            return found[0]
        known = ", ".join(image.name for image in self.images[:10])
        raise NotFound("sharing.not_in_forest", name=name, known=known)

    def layers(self, name: str) -> tuple[Node, ...]:
        """Return the layers of an image, bottom first."""
        return tuple(self.nodes[c] for c in self.image(name).chain)

    def size(self, name: str) -> int | None:
        """Return the bytes of all layers of an image, as if it shared nothing."""
        return self._total(self.layers(name))

    @property
    def once_bytes(self) -> int | None:
        """Bytes on disk: each layer counted once."""
        return self._total(self.nodes.values())

    @property
    def summed_bytes(self) -> int | None:
        """Bytes that the images would take if each had its layers to itself.

        An image counts once, however many tags it has.
        """
        if self.unit is None:
            return None
        return sum(node.size * len(node.images) for node in self.nodes.values())

    def shared(self, a: str, b: str) -> Shared:
        """Return what two images have in common: their lowest layers, up to where they part."""
        layers = []
        for x, y in zip(self.layers(a), self.layers(b), strict=False):
            if x.chain_id != y.chain_id:
                break
            layers.append(x)
        return Shared(tuple(layers), self._total(layers))

    def stands_on(self, name: str) -> tuple[Member, ...]:
        """Return the images whose whole stack is the bottom of this image's stack; nearest first.

        An image without layers is below everything and is not told; an image with exactly the same
        layers is a twin (`twins`).
        """
        chain = self.image(name).chain
        return tuple(m for c in reversed(chain[:-1]) for m in self._by_top.get(c, ()))

    def carries(self, name: str) -> tuple[Member, ...]:
        """Return the images that stand on this one (the reverse of `stands_on`)."""
        chain = self.image(name).chain
        standing = map(self.image, self.nodes[chain[-1]].images) if chain else ()
        return tuple(m for m in standing if len(m.chain) > len(chain))

    def twins(self, name: str) -> tuple[Member, ...]:
        """Return the other images with exactly the same layers: only their config differs."""
        image = self.image(name)
        same = self._by_top.get(image.chain[-1], ()) if image.chain else self._empty
        return tuple(m for m in same if m.id != image.id)

    def removal(self, *names: str) -> Removal:
        """Return what ``docker image rm NAMES`` would really do.

        A layer goes only when no image stands on it any more. A tag of an image that has other tags
        is only a name; an image from which a container was made stays. An ID stands for all the
        image's tags.

        BuildKit's cache holds on to layers that it built: they leave the disk only when the cache
        is emptied too (``docker builder prune``). The engine tells how many bytes its cache has in
        common with images, but not with which: hence `Removal.cached`, an upper bound.

        Raises
        ------
        NotFound: a name is not in this forest.
        """
        given: dict[str, set[str]] = {}
        for name in names:
            image = self.image(name)
            tags = [t for t in (name, f"{name}:latest") if t in image.names]
            given.setdefault(image.name, set()).update(tags[:1] or image.names)
        untagged, in_use, gone = [], [], set()
        for name, tags in given.items():
            image = self.image(name)
            if not tags.issuperset(image.names):
                untagged.append(name)
            elif image.containers:
                in_use.append(name)
            else:
                gone.add(name)
        freed = tuple(
            n for n in self.nodes.values() if not n.elsewhere and gone.issuperset(n.images)
        )
        size, cached = self._total(freed), self.cached_bytes
        most = None if size is None or cached is None else min(size, cached)
        return Removal(size, freed, tuple(untagged), tuple(in_use), most)

    def freed_by_removing(self, *names: str) -> int | None:
        """Return how many bytes `removal` would free."""
        return self.removal(*names).size

    def _total(self, layers: Iterable[Node]) -> int | None:
        return None if self.unit is None else sum(layer.size for layer in layers)

    @cached_property
    def _by_name(self) -> dict[str, Member]:
        found = {tag: image for image in self.images for tag in image.names}
        return found | {image.name: image for image in self.images}

    @cached_property
    def _by_top(self) -> dict[str, tuple[Member, ...]]:
        found: dict[str, tuple[Member, ...]] = {}
        for image in self.images:
            if image.chain:
                found[image.chain[-1]] = (*found.get(image.chain[-1], ()), image)
        return found

    @property
    def _empty(self) -> tuple[Member, ...]:
        return tuple(image for image in self.images if not image.chain)

    def __repr__(self) -> str:
        return f"Forest({len(self.images)} images, {len(self.nodes)} layers)"
