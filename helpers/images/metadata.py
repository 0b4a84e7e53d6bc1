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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import docker
import orjson

from ..engine import labels
from .columns import Entries
from .streams import Broken, Stream
from .tar import BLOCK_SIZE, scan

MAX_FILES = 1 << 28  # bytes of the engine's files about one layer
NAMES = ("tar-split.json.gz",)  # those of them that are read


class Metadata:
    """The engine's files about images and layers, below ``image/<driver>``."""

    def files(self, path: str) -> dict[str, bytes]:
        """Return the content of a file, or of each file in a folder, by name.

        Raises
        ------
        OSError: it cannot be read.
        """
        raise NotImplementedError

    def config(self, image_id: str) -> dict | None:
        """Return the config document of an image; None if the engine does not have it here."""
        try:
            digits = _digits(image_id)
            document = orjson.loads(self.files(f"imagedb/content/sha256/{digits}")[digits])
        except (OSError, ValueError, KeyError):
            return None
        return document if isinstance(document, dict) else None

    def layers(self, chain_ids: Sequence[str]) -> Iterator[Entries | None]:
        """Yield the entries of each layer; None if the engine does not have them here.

        A chain ID is a hash over the layer's diff ID, so what stands under it is that layer.
        """
        with ThreadPoolExecutor(2) as ahead:  # the next layer's notes come while one is parsed
            waiting = [ahead.submit(self._notes_of, chain_id) for chain_id in chain_ids]
            for place, packed in enumerate(waiting):
                waiting[place] = None  # to hold the notes of all layers would cost memory
                yield _entries(packed.result())

    def _notes_of(self, chain_id: str) -> bytes | None:
        try:
            return self.files(f"layerdb/sha256/{_digits(chain_id)}").get("tar-split.json.gz")
        except (OSError, ValueError):
            return None


def _entries(packed: bytes | None) -> Entries | None:
    try:
        return None if packed is None else Entries.over(scan(TarSplit(packed), checked=False))
    except (ValueError, KeyError, TypeError, zlib.error, Broken):
        return None


class Local(Metadata):
    """The files of an engine on this machine, for whoever may read its data root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self, path: str) -> dict[str, bytes]:
        place = self._folder / path
        files = [place / name for name in NAMES] if place.is_dir() else [place]
        return {file.name: file.read_bytes() for file in files}


class Contained(Metadata):
    """The files through a container that is never started: its mount is read by ``docker cp``."""

    def __init__(self, client: docker.DockerClient, container: str) -> None:
        self._client, self._container = client, container

    def files(self, path: str) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        try:
            pieces, _ = self._client.api.get_archive(self._container, f"/engine/{path}")
            data = BytesIO()
            for piece in pieces:
                if data.tell() > MAX_FILES:
                    raise OSError("larger than expected")
                data.write(piece)
            data.seek(0)
            with tarfile.open(fileobj=data) as archive:
                for member in archive:
                    if member.isfile():
                        found[member.name.rpartition("/")[2]] = archive.extractfile(member).read()
        except (docker.errors.APIError, tarfile.TarError) as error:
            raise OSError(str(error)) from None
        return found


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
        """Return the next piece of headers; ``b""`` at the end and where a hole begins."""
        if self._hole:  # a sparse file: tar-split notes its size, not what the tar holds of it
            raise Broken("images.corrupt", reason="tar-split")
        for note in self._notes:
            if note["type"] == 2:
                return a2b_base64(note["payload"])
            if size := note.get("size"):
                self._hole = size
                return b""
        return b""

    def skip(self, count: int) -> int:
        left = count - len(self.chunk) + self.at
        if left <= 0:
            self.at += count
            return count
        self.chunk, self.at = b"", 0
        while left > 0:
            if self._hole:
                step = min(left, self._hole)
                self._hole -= step
                left -= step
                if left >= BLOCK_SIZE or not left:
                    continue
                # What is left is padding, and the next piece begins with it. Whole groups of three
                # bytes of it need not be decoded: that saves a third of the time.
                note = next(self._notes, None)
                if note is None or note["type"] != 2:
                    break
                self.chunk = a2b_base64(note["payload"][left // 3 * 4 :])
                left -= left // 3 * 3
            else:
                self.chunk = self.fill()
            self.at = min(left, len(self.chunk))
            left -= self.at
            if not self.chunk and not self._hole:
                break
        return count - left


def _notes(packed: bytes) -> Iterator[dict]:
    """The notes: one JSON object a line, parsed many at a time."""
    machine = zlib.decompressobj(31)
    rest = b""
    for start in range(0, len(packed), 1 << 14):
        rest += machine.decompress(packed[start : start + (1 << 14)])
        lines, end, rest = rest.rpartition(b"\n")
        if end:
            yield from orjson.loads(b"[%b]" % lines.replace(b"\n", b","))
    if rest:
        yield orjson.loads(rest)
    if not machine.eof:
        raise Broken("images.truncated")


def _digits(digest: str) -> str:
    digits = digest.removeprefix("sha256:")
    if len(digits) != 64 or not digits.isalnum():
        raise ValueError(f"not a digest: {digest[:80]!r}")
    return digits
