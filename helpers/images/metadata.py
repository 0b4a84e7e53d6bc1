"""The fast path: what the engine itself wrote down about a layer, read and never written.

A classic store keeps, for each layer, the headers of its tar without the content of the files
(``image/<driver>/layerdb/sha256/<chain ID>/tar-split.json.gz``), so that it can give the tar back
byte for byte: https://github.com/vbatts/tar-split. It is private to the engine. So whatever does
not fit is no error here: the `docker save` stream is read instead.
"""

from __future__ import annotations

import contextlib
import tarfile
import zlib
from binascii import a2b_base64
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import docker
import orjson

from ..engine import labels
from .columns import Entries
from .streams import Broken, Stream
from .tar import scan

MAX_FILE = 1 << 28  # bytes of one of the engine's files


class Metadata:
    """The engine's files about images and layers, below ``image/<driver>``."""

    def file(self, path: str) -> bytes:
        """Return a file's content.

        Raises
        ------
        OSError: it cannot be read.
        """
        raise NotImplementedError

    def config(self, image_id: str) -> dict | None:
        """Return the config document of an image; None if the engine does not have it here."""
        try:
            document = orjson.loads(self.file(f"imagedb/content/sha256/{_digits(image_id)}"))
        except (OSError, ValueError):
            return None
        return document if isinstance(document, dict) else None

    def layer(self, diff_id: str, chain_id: str) -> Entries | None:
        """Return the entries of a layer; None if the engine does not have them here."""
        folder = f"layerdb/sha256/{_digits(chain_id)}"
        try:
            if self.file(f"{folder}/diff").decode().strip() != diff_id:
                return None
            return Entries.over(scan(TarSplit(self.file(f"{folder}/tar-split.json.gz"))))
        except (OSError, ValueError, KeyError, zlib.error, Broken):
            return None


class Local(Metadata):
    """The files of an engine on this machine, for whoever may read its data root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, path: str) -> bytes:
        return (self._folder / path).read_bytes()


class Contained(Metadata):
    """The files through a container that is never started: its mount is read by ``docker cp``."""

    def __init__(self, client: docker.DockerClient, container: str) -> None:
        self._client, self._container = client, container

    def file(self, path: str) -> bytes:
        try:
            pieces, _ = self._client.api.get_archive(self._container, f"/engine/{path}")
            data = BytesIO()
            for piece in pieces:
                if data.tell() > MAX_FILE:
                    raise OSError("larger than expected")
                data.write(piece)
            data.seek(0)
            with tarfile.open(fileobj=data) as archive:
                return archive.extractfile(archive.next()).read()
        except (docker.errors.APIError, tarfile.TarError, AttributeError) as error:
            raise OSError(str(error)) from None


@contextlib.contextmanager
def local(engine) -> Iterator[Metadata | None]:
    """Give the engine's files if this process may read them, else None."""
    root = engine.root_dir
    folder = root / "image" / engine.store if root and engine.store != "containerd" else None
    yield Local(folder) if folder and (folder / "layerdb").is_dir() else None


@contextlib.contextmanager
def contained(engine, image: str) -> Iterator[Metadata | None]:
    """Give the engine's files through a helper container made from ``image``, then remove it.

    The container mounts the engine's own folder read-only and is never started, so any image will
    do. Only on demand: whoever may do this may read everything that the engine has.
    """
    if engine.store == "containerd":
        yield None
        return
    source = f"{engine.info.get('DockerRootDir')}/image/{engine.store}"
    try:
        made = engine.client.api.create_container(
            image,
            command=["/never-started"],
            network_disabled=True,
            labels=labels.make(role="metadata"),
            host_config=engine.client.api.create_host_config(
                binds={source: {"bind": "/engine", "mode": "ro"}}, network_mode="none"
            ),
        )["Id"]
    except docker.errors.APIError:
        yield None
        return
    try:
        yield Contained(engine.client, made)
    finally:
        engine.client.api.remove_container(made, force=True, v=True)


class TarSplit(Stream):
    """The tar that tar-split notes stand for, with holes where the content of files was."""

    def __init__(self, packed: bytes) -> None:
        super().__init__()
        self._notes = _notes(packed)
        self._hole = 0

    def fill(self) -> bytes:
        if self._hole:
            raise Broken("images.corrupt", reason="tar-split")
        for note in self._notes:
            if note["type"] == 2:
                return a2b_base64(note["payload"])
            if size := note.get("size", 0):
                self._hole = size
                return b""
        return b""

    def skip(self, count: int) -> int:
        left = count
        while left:
            step = min(left, len(self.chunk) - self.at)
            self.at += step
            left -= step
            if left and not self._hole:
                self.chunk, self.at = self.fill(), 0
                if not self.chunk and not self._hole:
                    break
            step = min(left, self._hole) if self.at == len(self.chunk) else 0
            self._hole -= step
            left -= step
        return count - left


def _notes(packed: bytes) -> Iterator[dict]:
    machine = zlib.decompressobj(31)
    rest = b""
    for start in range(0, len(packed), 1 << 16):
        *lines, rest = (rest + machine.decompress(packed[start : start + (1 << 16)])).split(b"\n")
        yield from map(orjson.loads, lines)
    if rest:
        yield orjson.loads(rest)


def _digits(digest: str) -> str:
    digits = digest.removeprefix("sha256:")
    if len(digits) != 64 or not digits.isalnum():
        raise ValueError(f"not a digest: {digest[:80]!r}")
    return digits
