"""What an image is: layers, the steps that made them, and a configuration. Plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

KINDS = (
    "file",
    "dir",
    "symlink",
    "hardlink",
    "char",
    "block",
    "fifo",
    "whiteout",
    "opaque",
)


class Entry(NamedTuple):
    """One entry of a layer's tar.

    Fields
    ------
    path: path inside the image, without leading ``/`` and never empty. For a whiteout the path
        that it deletes, for an opaque marker the folder whose lower content it hides. Bytes that
        are not UTF-8 are kept as surrogates (``surrogateescape``).
    kind: one of `KINDS`.
    size: content bytes (of a sparse file: its logical size); 0 for everything but a file.
    mode: permission bits, including set-uid, set-gid and sticky.
    uid, gid: numeric owner.
    mtime: seconds since 1970, whole seconds.
    target: what a symlink points to; the path (as ``path``) that a hard link shares its content
        with; ``"major:minor"`` of a device; else ``""``.
    """

    path: str
    kind: str = "file"
    size: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    target: str = ""

    @property
    def stored(self) -> str:
        """The path under which the entry stands in the layer's tar (``.wh.`` names included)."""
        folder, slash, name = self.path.rpartition("/")
        if self.kind == "whiteout":
            return f"{folder}{slash}.wh.{name}"
        if self.kind == "opaque":
            return f"{self.path}/.wh..wh..opq"
        return self.path


@dataclass(frozen=True)
class Step:
    """One record of an image's history: a line of the Dockerfile, or what stood in for one.

    Fields
    ------
    instruction: the instruction as one would type it (``RUN apt-get update``); untrusted text.
    comment: what the builder noted (``buildkit.dockerfile.v0``); untrusted text.
    empty: True if the step changed the configuration only and made no layer.
    layer: the number of the layer that it made (1 = bottom), None if ``empty``.
    """

    instruction: str
    comment: str = ""
    empty: bool = False
    layer: int | None = None


@dataclass(frozen=True)
class Layer:
    """One read-only layer.

    Fields
    ------
    number: 1 for the bottom layer.
    diff_id: ``sha256:…`` of the uncompressed tar: names the content.
    chain_id: names this layer on top of exactly those below it.
    size: content bytes: the sum of ``entry.size``; no tar headers, no padding, no blocks of a disk.
    entries: the entries in the order of the tar; made only when they are looked at.
    step: the history record that made the layer, None if the image's history does not say.
    """

    number: int
    diff_id: str
    chain_id: str
    size: int
    entries: Sequence[Entry] = field(repr=False)
    step: Step | None = None

    @property
    def files(self) -> int:
        """How many entries are files (hard links, which are names of files, included)."""
        counts = self.counts
        return counts.get("file", 0) + counts.get("hardlink", 0)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many entries there are of each kind; kinds that do not occur are left out."""
        known = getattr(self.entries, "counts", None)
        if known is not None:
            return known
        counts: dict[str, int] = {}
        for entry in self.entries:
            counts[entry.kind] = counts.get(entry.kind, 0) + 1
        return counts


@dataclass(frozen=True)
class Config:
    """What a container of the image starts with. All of it is untrusted text."""

    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    user: str = ""
    workdir: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    architecture: str = ""
    os: str = ""
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Image:
    """An image: read-only layers, bottom first, and a configuration.

    Fields
    ------
    name: the name it was asked for by.
    id: what this engine (or archive) calls it; differs between image stores, so do not print it.
    tags: every ``repository:tag`` that names it there.
    layers: bottom first, numbered from 1.
    history: every step, oldest first, those without a layer included.
    """

    name: str
    id: str
    tags: tuple[str, ...]
    layers: tuple[Layer, ...]
    history: tuple[Step, ...]
    config: Config
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def size(self) -> int:
        """Content bytes of all layers together."""
        return sum(layer.size for layer in self.layers)


def chain_ids(diff_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the chain ID of each layer, bottom first.

    ``chain(L1) = L1``; ``chain(L1…Ln) = sha256(chain(L1…Ln-1) + " " + Ln)``
    (https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid).
    """
    chains: list[str] = []
    for diff_id in diff_ids:
        below = f"{chains[-1]} {diff_id}" if chains else None
        chains.append("sha256:" + sha256(below.encode()).hexdigest() if below else diff_id)
    return tuple(chains)
