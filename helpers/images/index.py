"""What is known of layers and images already: a bounded index on disk.

The content of a layer never changes under its diff ID, nor an image's config under the image's ID,
so nothing here can become stale. A file is written whole under another name and then renamed; one
that is damaged is as good as none. Where nothing can be written, reading works without the index.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from zlib import crc32

import orjson
import zstandard

from ..errors import NoSpace, NotWritable
from ..paths import home
from .columns import Entries, Unpacked, pack

LIMIT = 200_000_000  # bytes of the whole index
MAGIC = b"LBL\x01"


class Index:
    """The index in a folder.

    Parameters
    ----------
    folder: where it lies; None: nothing is known and nothing is kept.
    limit: bytes that it may take; what was used longest ago is dropped first.
    """

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self.folder, self.limit = folder, limit

    def layer(self, diff_id: str) -> Entries | None:
        """Return the entries of a layer, if they are known."""
        if (found := self._load(f"{_digits(diff_id)}.layer")) is None:
            return None
        head, body = found
        try:
            count, size, counts = int(head["count"]), int(head["size"]), dict(head["counts"])
        except (KeyError, TypeError, ValueError):
            return None
        return Entries(lambda: Unpacked(_decompressed(body), count), count, size, counts)

    def image(self, image_id: str) -> dict | None:
        """Return the config document of an image, if it is known."""
        if (found := self._load(f"{_digits(image_id)}.image")) is None:
            return None
        return orjson.loads(_decompressed(found[1]))

    def unpacked(self, digest: str) -> str | None:
        """Return the diff ID of the layer whose compressed blob has this digest, if known."""
        found = self._load(f"{_digits(digest)}.blob")
        return str(found[0].get("diff_id")) if found else None

    def keep(
        self,
        layers: Iterable[tuple[str, Entries]],
        images: Iterable[tuple[str, dict]] = (),
        blobs: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Remember layers, images and blobs; without a word if that is not possible."""
        if self.folder is None:
            return
        with contextlib.suppress(OSError):
            for diff_id, entries in layers:
                head = {"count": len(entries), "size": entries.size, "counts": entries.counts}
                self._save(f"{_digits(diff_id)}.layer", head, pack(entries.columns))
            for image_id, document in images:
                self._save(f"{_digits(image_id)}.image", {}, orjson.dumps(document))
            for digest, diff_id in blobs:
                self._save(f"{_digits(digest)}.blob", {"diff_id": diff_id}, b"")
            self._trim()

    def _load(self, name: str) -> tuple[dict, memoryview] | None:
        if self.folder is None:
            return None
        path = self.folder / name
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # the time of last use decides what is dropped
        length = int.from_bytes(data[8:12], "little")
        if data[:4] != MAGIC or int.from_bytes(data[4:8], "little") != crc32(data[8:]):
            return None
        return orjson.loads(data[12 : 12 + length]), memoryview(data)[12 + length :]

    def _save(self, name: str, head: dict, body: bytes) -> None:
        told = orjson.dumps(head)
        rest = len(told).to_bytes(4, "little") + told + zstandard.compress(body, 3)
        handle, part = tempfile.mkstemp(dir=self.folder, prefix=f"{name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(MAGIC + crc32(rest).to_bytes(4, "little") + rest)
            Path(part).replace(self.folder / name)
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise

    def _trim(self) -> None:
        """Drop what was used longest ago until the index fits; also parts of a killed process."""
        with os.scandir(self.folder) as found:
            files = [(file.stat(), file.path) for file in found if file.is_file()]
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in sorted(files, key=lambda pair: pair[0].st_mtime):
            if total <= self.limit:
                break
            Path(path).unlink(missing_ok=True)
            total -= stat.st_size


def default() -> Index:
    """Return the index in the course's folder, an empty one if there can be none."""
    folder = None
    with contextlib.suppress(NotWritable, NoSpace):
        folder = home() / "layers"
    with contextlib.suppress(OSError):
        if folder is not None:
            folder.mkdir(exist_ok=True)
    return Index(folder if folder is not None and folder.is_dir() else None)


def _digits(digest: str) -> str:
    algorithm, _, digits = digest.rpartition(":")
    if not digits.isalnum() or algorithm not in ("", "sha256", "sha512"):
        raise ValueError(f"not a digest: {digest[:80]!r}")
    return digits


def _decompressed(body: memoryview) -> bytes:
    return zstandard.decompress(body)
