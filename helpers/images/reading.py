"""Reading an image: known layers, then the engine's own metadata, then the `docker save` stream."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import docker

from ..engine import Engine, connect, talking
from ..errors import BadArchive, EngineLost
from . import assembly, content, history, index, metadata
from .archive import Store, Streamed
from .archives import archived
from .columns import Entries
from .manifests import Found, images_in
from .model import Image, chain_ids
from .names import inspect
from .save import saving
from .streams import Broken

__all__ = ["read", "read_many"]

Route = Literal["save", "metadata", "container"]
_NAMED = re.compile(r"blobs/sha256/([0-9a-f]{64})|([0-9a-f]{64})/layer\.tar")
SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.zst")


def read(
    name: str | Path,
    engine: Engine | None = None,
    *,
    through: Route | None = None,
    platform: str | None = None,
    tag: str | None = None,
    known: index.Index | None = None,
) -> Image:
    """Read an image: its layers with every file in them, its history and its configuration.

    Parameters
    ----------
    name: an image of the engine (name, ID or digest); or an archive (``.tar``, ``.tar.gz``,
        ``.tar.zst``) or an OCI layout folder, as a `Path` or as a string that is clearly a path
        (ends like an archive, or starts with ``.``, ``/`` or ``~``).
    engine: the engine to ask; default: `helpers.engine.connect`.
    through: how layers that are not known yet are read. Default: from the engine's own files if
        this process may read them, else from the `docker save` stream. ``"container"``: the files
        of a classic store through a helper container; ``"save"``: only the stream; ``"metadata"``:
        the default, said aloud.
    platform: ``"linux/arm64"``: which platform's image of an archive; default: this machine's.
    tag: which image of an archive that holds several.
    known: an index of known layers; default: the course's own.

    Returns
    -------
    The image. It is the same whatever way it was read.

    Raises
    ------
    NotFound: there is no such image or file; near names are suggested.
    BadArchive: the archive is truncated, corrupt, foreign, or claims what no archive may claim.
    EngineLost: the daemon went away in the middle, or fell silent.
    """
    if (path := _path(name)) is not None:
        return archived(path, platform, tag)
    return read_many([str(name)], engine, through=through, known=known)[0]


def _path(name: str | Path) -> Path | None:
    if isinstance(name, Path):
        return name.expanduser()
    if name.startswith((".", "/", "~")):
        return Path(name).expanduser()
    if name.lower().endswith(SUFFIXES) and Path(name).exists():
        return Path(name)
    return None


@dataclass
class _Wanted:
    """An image of the engine on its way to being read."""

    name: str
    inspected: dict
    document: dict | None = None

    @property
    def id(self) -> str:
        return self.inspected["Id"]

    @property
    def diff_ids(self) -> list[str]:
        return (self.inspected.get("RootFS") or {}).get("Layers") or []

    def accept(self, document: dict | None) -> None:
        """Take ``document`` if it is of this very image."""
        if document and (document.get("rootfs") or {}).get("diff_ids", []) == self.diff_ids:
            self.document = document


def read_many(
    names: Iterable[str],
    engine: Engine | None = None,
    *,
    through: Route | None = None,
    known: index.Index | None = None,
) -> tuple[Image, ...]:
    """Read several images of an engine; a layer that they share is read once.

    Parameters and errors as for `read`. What must come from the `docker save` stream comes in one
    stream for all of them.
    """
    engine = engine or connect()
    known = index.default() if known is None else known
    wanted = [_Wanted(name, inspect(engine, name)) for name in names]
    reading = _Reading(engine, known)
    reading.recall(wanted)
    if through != "save":
        reading.look_up(wanted, through)
    reading.save(wanted)
    known.keep(reading.new.items(), reading.told.items(), reading.blobs.items())
    return tuple(reading.image(one) for one in wanted)


class _Reading:
    """Layers and configs as they come together from several places."""

    def __init__(self, engine: Engine, known: index.Index) -> None:
        self.engine, self.known = engine, known
        self.layers: dict[str, Entries] = {}
        self.new: dict[str, Entries] = {}
        self.told: dict[str, dict] = {}
        self.blobs: dict[str, str] = {}

    def missing(self, one: _Wanted) -> bool:
        return one.document is None or any(d not in self.layers for d in one.diff_ids)

    def recall(self, wanted: Sequence[_Wanted]) -> None:
        """Take what the index knows."""
        for one in wanted:
            one.accept(self.known.image(one.id))
            for diff_id in one.diff_ids:
                if diff_id in self.layers:
                    continue
                if (entries := self.known.layer(diff_id)) is not None:
                    self.layers[diff_id] = entries

    def look_up(self, wanted: Sequence[_Wanted], through: Route | None) -> None:
        """Take what the engine wrote down itself, then what its API tells of a config."""
        if (folder := content.folder(self.engine)) is not None:
            for one in filter(self.missing, wanted):
                with contextlib.suppress(Broken, OSError):
                    store = content.Content(folder, one.id)
                    self._take(one, _matching(one, images_in(store)), store)
        if missing := [one for one in wanted if self.missing(one)]:
            with contextlib.ExitStack() as stack:
                if through == "container":
                    stack.enter_context(talking(self.engine))
                    opened = metadata.contained(self.engine, missing[0].id)
                else:
                    opened = metadata.local(self.engine)
                notes = stack.enter_context(opened)
                for one in missing if notes else ():
                    self._note(one, notes)
        for one in missing:
            if one.document is None and all(d in self.layers for d in one.diff_ids):
                with talking(self.engine), contextlib.suppress(docker.errors.APIError):
                    told = self.engine.client.api.history(one.id)
                    one.accept(history.document(one.inspected, told or []))

    def _note(self, one: _Wanted, notes: metadata.Metadata) -> None:
        if one.document is None:
            one.accept(notes.config(one.id))
            if one.document:
                self.told[one.id] = one.document
        stack = zip(one.diff_ids, chain_ids(one.diff_ids), strict=True)
        unknown = {diff_id: chain for diff_id, chain in stack if diff_id not in self.layers}
        for diff_id, entries in zip(unknown, notes.layers(list(unknown.values())), strict=True):
            if entries is not None:
                self.layers[diff_id] = self.new[diff_id] = entries

    def save(self, wanted: Sequence[_Wanted]) -> None:
        """Read what is still missing from one `docker save` stream."""
        missing = [one for one in wanted if self.missing(one)]
        if not missing:
            return
        names = list(dict.fromkeys(one.name for one in missing))
        try:
            with saving(self.engine, names) as stream:
                store = Streamed(stream, self._known_blob)
            if store.cut:
                raise Broken("images.truncated", outer=True)
            found = images_in(store)
            for one in missing:
                self._take(one, _matching(one, found), store)
        except Broken as broken:
            if broken.outer and broken.key == "images.truncated":
                raise EngineLost("images.lost", reason="end of stream") from None
            raise BadArchive(broken.key, name=", ".join(names), **broken.values) from None

    def _known_blob(self, path: str) -> Entries | None:
        if not (digits := _digest_in(path)):
            return None
        if (entries := self.layers.get(f"sha256:{digits}")) is not None:
            return entries
        return self.layers.get(self.known.unpacked(digits) or "")

    def _take(self, one: _Wanted, found: Found, store: Store) -> None:
        one.accept(found.config)
        self.told[one.id] = one.document
        for diff_id, path in zip(one.diff_ids, found.layers, strict=True):
            digits = _digest_in(path)
            if digits and f"sha256:{digits}" != diff_id:
                self.blobs[digits] = diff_id
            if diff_id in self.layers:
                continue
            if (entries := store.layer(path)) is None:
                raise Broken("images.incomplete", digest=diff_id[:19])
            self.layers[diff_id] = self.new[diff_id] = entries

    def image(self, one: _Wanted) -> Image:
        layers = [self.layers[diff_id] for diff_id in one.diff_ids]
        tags = one.inspected.get("RepoTags") or ()
        return assembly.image(one.name, one.id, tags, one.document, layers)


def _digest_in(path: str) -> str | None:
    """Return the digest that names a layer in an archive, if one does.

    It is the layer's own in a layout (``blobs/sha256/…``) and, in archives of engines before 25,
    one that the engine derived from the layer and those below it (``…/layer.tar``).
    """
    found = _NAMED.fullmatch(path)
    return found and (found[1] or found[2])


def _matching(one: _Wanted, found: Sequence[Found]) -> Found:
    """Return the image of an archive that the engine meant: by its ID, else by its layers."""
    fitting = [image for image in found if image.diff_ids == one.diff_ids]
    for image in fitting:
        if one.id in image.ids:
            return image
    if not fitting:
        raise Broken("images.moved")
    return fitting[0]
