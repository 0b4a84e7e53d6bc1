"""Images made without a build: a layer written in pure Python, given to the daemon by ``load``.

Everything that could differ from one making to the next is fixed (times, owners, order), so the
same content gives the same diff ID on every client platform.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import BinaryIO

import docker

from ..engine import Engine, labels, talking
from ..engine.own import own_image
from ..engine.patience import patient
from ..errors import EngineFailed, NoSpace
from .below import Below

__all__ = [
    "EPOCH",
    "PATH",
    "LayerWriter",
    "Recipe",
    "load",
    "present",
    "remove_if_unused",
    "room",
    "tar_header",
]

EPOCH = 1_686_355_200  # 2023-06-10, the day Debian 12 came out: the time of every file we make
CREATED = "2023-06-10T00:00:00Z"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LOAD = 600  # seconds for the daemon to unpack an image
BLOCK = 1 << 18


@dataclass(frozen=True)
class Recipe:
    """What an image is made of, but for its layer.

    ``author`` goes into the config's field of that name, which no lesson shows: it tells whether an
    image was made by this very recipe.
    """

    name: str
    architecture: str
    author: str
    created_by: str
    cmd: tuple[str, ...]
    env: tuple[str, ...] = (PATH,)
    entrypoint: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=labels.make)

    def config(self, diff_id: str, below: Below | None = None) -> bytes:
        """Return the image's config as the OCI image specification defines it."""
        empty = [f"ENTRYPOINT {json.dumps(self.entrypoint)}"] if self.entrypoint else []
        empty += [f"CMD {json.dumps(self.cmd)}"] if self.cmd else []
        steps = [{"created": CREATED, "created_by": self.created_by}]
        steps += [{"created": CREATED, "created_by": s, "empty_layer": True} for s in empty]
        config: dict[str, object] = {
            "Cmd": list(self.cmd) or None,
            "Entrypoint": list(self.entrypoint) or None,
            "Env": list(self.env),
            "Labels": dict(sorted(self.labels.items())),
            "ExposedPorts": {port: {} for port in self.exposed} or None,
        }
        whole = {
            "architecture": self.architecture,
            "os": "linux",
            "author": self.author,
            "created": CREATED,
            "config": {key: value for key, value in config.items() if value is not None},
            "history": [*(below.history if below else []), *steps],
            "rootfs": {
                "type": "layers",
                "diff_ids": [*(below.diff_ids if below else []), diff_id],
            },
        }
        return json.dumps(whole, sort_keys=True).encode()


def tar_header(name: str, mode: int, size: int = 0, link: str | None = None) -> tarfile.TarInfo:
    """Return the header of a folder (``name`` ends with ``/``), a file or a symbolic link."""
    found = tarfile.TarInfo(name.rstrip("/"))
    found.mtime, found.mode, found.size = EPOCH, mode, size
    if link is not None:
        found.type, found.linkname = tarfile.SYMTYPE, link
    elif name.endswith("/"):
        found.type = tarfile.DIRTYPE
    return found


def present(engine: Engine, recipe: Recipe) -> bool:
    """Whether the engine holds an image made by this recipe under its name.

    Raises
    ------
    NotOurs: an image of that name is not the course's.
    """
    found = own_image(engine, recipe.name, "bases.not_ours")
    return found is not None and found.get("Author") == recipe.author


def load(engine: Engine, recipe: Recipe, layer: BinaryIO | Path, below: Below | None = None) -> str:
    """Give an image to the engine and return its name: one layer, or one more than ``below`` has.

    An older image of that name is replaced, and removed if nothing stands on it.

    Raises
    ------
    NotOurs: an image of that name is not the course's.
    EngineFailed: the daemon refused the archive.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    before = own_image(engine, recipe.name, "bases.not_ours")
    with patient(engine, LOAD) as api:
        refusals = [
            str(line["error"])
            for line in api.load_image(_stream(recipe, layer, below), quiet=True)
            if "error" in line
        ]
    if any("no space left on device" in line for line in refusals):
        raise NoSpace("engine.no_space")
    after = own_image(engine, recipe.name, "bases.not_ours")
    if after is None:
        raise EngineFailed("bases.refused", name=recipe.name, reason=" ".join(refusals) or "?")
    if before and before["Id"] != after["Id"]:
        remove_if_unused(engine, before["Id"])
    return recipe.name


def remove_if_unused(engine: Engine, identifier: str) -> bool:
    """Remove an image that has no name any more and that no container or image stands on."""
    with talking(engine):
        try:
            if engine.client.api.inspect_image(identifier).get("RepoTags"):
                return False
            engine.client.api.remove_image(identifier, force=False, noprune=True)
        except docker.errors.APIError as error:
            if error.status_code in (404, 409):
                return False
            raise
    return True


@contextlib.contextmanager
def room(folder: Path) -> Iterator[None]:
    """Turn a full disk on this side into the course's error; nothing that was there is touched."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("errors.no_space", folder=folder) from None
        raise


def _stream(recipe: Recipe, layer: BinaryIO | Path, below: Below | None = None) -> Iterator[bytes]:
    """Yield the archive that `docker load` reads (the classic format: every engine knows it)."""
    opened = layer.open("rb") if isinstance(layer, Path) else layer
    try:
        opened.seek(0)
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
        size = opened.seek(0, io.SEEK_END)
        config = recipe.config(f"sha256:{digest}", below)
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        layers = [*(below.layers if below else ()), (f"{digest}/layer.tar", size, opened)]
        names = [path for path, _, _ in layers]
        manifest = [{"Config": name, "RepoTags": [recipe.name], "Layers": names}]
        yield from _member(name, [config], len(config))
        for path, size, file in layers:
            file.seek(0)
            yield from _member(path, iter(partial(file.read, BLOCK), b""), size)
        text = json.dumps(manifest).encode()
        yield from _member("manifest.json", [text], len(text))
        yield bytes(2 * tarfile.BLOCKSIZE)
    finally:
        if opened is not layer:
            opened.close()


def _member(name: str, content: Sequence[bytes] | Iterator[bytes], size: int) -> Iterator[bytes]:
    yield tar_header(name, 0o644, size).tobuf(tarfile.PAX_FORMAT)
    yield from content
    yield bytes(-size % tarfile.BLOCKSIZE)


class LayerWriter:
    """Writes the tar of a layer: what is made here belongs to root and has the time `EPOCH`.

    Used as a context manager; ``file`` then holds the finished layer, at its start.
    """

    def __init__(self, file: BinaryIO | None = None) -> None:
        self.file: BinaryIO = file or io.BytesIO()
        self._tar = tarfile.TarFile(fileobj=self.file, mode="w", format=tarfile.PAX_FORMAT)

    def __enter__(self) -> LayerWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()
        self.file.seek(0)

    def folder(self, name: str, mode: int = 0o755) -> None:
        self._tar.addfile(tar_header(f"{name}/", mode))

    def add(self, name: str, content: bytes, mode: int = 0o644) -> None:
        self._tar.addfile(tar_header(name, mode, len(content)), io.BytesIO(content))

    def link(self, name: str, target: str) -> None:
        self._tar.addfile(tar_header(name, 0o777, link=target))

    def member(self, header: tarfile.TarInfo, content: bytes) -> None:
        """Write a member of another archive, with the owner, mode and time that it has there."""
        header.size = len(content)
        self._tar.addfile(header, io.BytesIO(content))
