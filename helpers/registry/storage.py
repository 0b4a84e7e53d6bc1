"""What lies in the registry's storage, and how it goes: deletion, and garbage collection."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field

import docker

from ..bases.exported import Chunks
from ..engine import Engine
from ..engine.patience import patient
from ..errors import EngineFailed, EngineLost, NotFound
from ..messages import text
from ..text import plain
from . import contents
from .client import Access
from .container import ANSWER, execute
from .image import PROGRAM, SETTINGS, STORAGE
from .model import Blob

__all__ = ["Collected", "Deleted", "Stored", "collect", "delete", "spoil", "stored"]

BLOBS = f"/{STORAGE}/docker/registry/v2/blobs"


@dataclass(frozen=True)
class Stored:
    """Every blob in the storage: manifests, configs and layers, each once."""

    blobs: tuple[Blob, ...] = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(blob.size for blob in self.blobs)

    def __contains__(self, blob: Blob) -> bool:
        return any(blob.digest == other.digest for other in self.blobs)

    def __str__(self) -> str:
        return text("registry.stored", count=len(self.blobs))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


@dataclass(frozen=True)
class Deleted:
    """A manifest that is gone, and the tags that led to it."""

    name: str
    digest: str = field(repr=False)
    tags: tuple[str, ...]
    left: tuple[str, ...]

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: it has been printed."""

    def __str__(self) -> str:
        none = text("registry.none")
        repository = contents.split(self.name)[0]
        request = f"DELETE /v2/{plain(repository)}/manifests/sha256:…"
        gone, left = ", ".join(self.tags) or none, ", ".join(self.left) or none
        return f"{request}\n{text('registry.deleted', gone=gone, left=left)}"


@dataclass(frozen=True)
class Collected:
    """The storage before and after a garbage collection."""

    before: Stored = field(repr=False)
    after: Stored = field(repr=False)
    command: str = field(repr=False)

    @property
    def gone(self) -> tuple[Blob, ...]:
        return tuple(blob for blob in self.before.blobs if blob not in self.after)

    @property
    def freed(self) -> int:
        """Bytes that were freed."""
        return self.before.size - self.after.size

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: it has been printed."""

    def __str__(self) -> str:
        counts = {"gone": len(self.gone), "left": len(self.after.blobs)}
        return f"$ {self.command}\n{text('registry.collected', **counts)}"


def stored(engine: Engine, container: str, url: str) -> Stored:
    """Return every blob in the storage; see `Registry.stored`."""
    found = []
    with patient(engine, ANSWER) as api:
        try:
            chunks, _ = api.get_archive(container, BLOBS)
        except docker.errors.NotFound as error:
            if "No such container" in str(error):
                raise _lost(url, error) from None
            return Stored(())  # nothing was pushed yet
        with tarfile.open(fileobj=Chunks(chunks), mode="r|") as archive:  # type: ignore[arg-type]
            for member in archive:
                folder, _, name = member.name.rpartition("/")
                if name == "data" and member.isfile():
                    found.append(Blob(f"sha256:{folder.rpartition('/')[2]}", member.size))
    return Stored(tuple(sorted(found, key=lambda blob: blob.digest)))


def delete(access: Access, name: str) -> Deleted:
    """Delete a manifest by its digest; see `Registry.delete`."""
    repository, _ = contents.split(name)
    digest = contents.read(access, name).digest
    before = contents.tags(access, repository)
    access.delete(f"/v2/{repository}/manifests/{digest}")
    left = contents.tags(access, repository)
    gone = tuple(tag for tag in before if tag not in left)
    return Deleted(name, digest, gone, tuple(left))


def collect(engine: Engine, container: str, url: str, *, untagged: bool) -> Collected:
    """Run the registry's own collection; see `Registry.collect`."""
    before = stored(engine, container, url)
    options = ["--delete-untagged"] if untagged else []
    words = ["garbage-collect", *options, f"/{SETTINGS}"]
    code, output = execute(engine, container, [f"/{PROGRAM}", *words], url)
    # an empty registry has no folder yet, which the program takes for an error
    if code and before.blobs:
        tail = "\n".join(plain(output).splitlines()[-4:])
        raise EngineFailed("registry.not_collected", reason=tail)
    command = f"docker exec {container} docker-registry {' '.join(words)}"
    return Collected(before, stored(engine, container, url), command)


def spoil(engine: Engine, container: str, url: str, blob: Blob) -> None:
    """Make the last byte of a stored blob wrong; see `Registry.spoil`."""
    digits = blob.digest.partition(":")[2]
    folder = f"{BLOBS}/sha256/{digits[:2]}/{digits}"
    with patient(engine, ANSWER) as api:
        try:
            chunks, _ = api.get_archive(container, f"{folder}/data")
        except docker.errors.NotFound as error:
            if "No such container" in str(error):
                raise _lost(url, error) from None
            raise NotFound("registry.no_blob", digest=blob.digest) from None
        api.put_archive(container, folder, b"".join(_changed(chunks, blob.digest)))


def _changed(chunks: Iterator[bytes], digest: str) -> Iterator[bytes]:
    """Yield the archive of a file again, one byte of it wrong, as it may be already."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        header = archive.next()
        assert header is not None  # the archive of one file
        content = bytearray(archive.extractfile(header).read())  # type: ignore[union-attr]
    if digest == f"sha256:{hashlib.sha256(content).hexdigest()}":
        content[-1] ^= 1
    yield header.tobuf(tarfile.PAX_FORMAT)
    yield bytes(content)
    yield bytes(-len(content) % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def _lost(url: str, error: Exception) -> EngineLost:
    return EngineLost("registry.lost", url=url, reason=plain(getattr(error, "explanation", error)))
