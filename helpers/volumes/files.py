"""Read what lies in a volume through a container that is made for it and never started."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Iterator

import docker

from .. import bases
from ..engine import Engine, labels
from ..engine.patience import patient
from ..errors import VolumeFailed
from .model import File
from .own import ANSWER

__all__ = ["read"]

PLACE = "/volume"
MOST = 2000  # entries that are read
MOST_BYTES = 200_000_000  # of content that may pass by on the way
KINDS = {tarfile.DIRTYPE: "dir", tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "link"}


def read(engine: Engine, name: str) -> tuple[File, list[File], bool]:
    """Return a volume's root folder, what lies in it, and whether there is more than was read.

    Docker mounts the volumes of a container for `docker cp` even if it was never started. A volume
    in memory that no running container holds is mounted anew for this, and so found empty.

    Raises
    ------
    VolumeFailed: the daemon could not mount it.
    EngineLost: the daemon went away.
    """
    found: list[File] = []
    seen = 0
    with _container(engine, name) as identifier, patient(engine, ANSWER) as api:
        try:
            chunks, _ = api.get_archive(identifier, f"{PLACE}/.")
        except docker.errors.APIError as error:
            reason = str(error.explanation or error).strip()
            raise VolumeFailed("volumes.unreadable", name=name, reason=reason) from None
        with tarfile.open(fileobj=io.BufferedReader(_Chunks(chunks)), mode="r|") as archive:
            for member in archive:
                found.append(_file(member))
                seen += member.size
                if len(found) > MOST or seen > MOST_BYTES:
                    break
    cut = len(found) > MOST or seen > MOST_BYTES
    root, rest = found[0], sorted(found[1:], key=lambda file: file.path)
    return root, rest, cut


def _file(member: tarfile.TarInfo) -> File:
    path = member.name.removeprefix("./").strip("/")
    kind = "file" if member.isreg() else KINDS.get(member.type, "other")
    return File(path, kind, member.size, member.uid, member.gid, member.mode)


@contextlib.contextmanager
def _container(engine: Engine, name: str) -> Iterator[str]:
    image = bases.busybox(engine)
    body = {
        "Image": image,
        "Cmd": ["true"],
        "Labels": labels.make(labels.named(name), role="reader"),
        # the reader must be no first use that fills the volume from the image
        "HostConfig": {"Binds": [f"{name}:{PLACE}:ro,nocopy"], "NetworkMode": "none"},
    }
    with patient(engine, ANSWER) as api:
        identifier = api.create_container_from_config(body)["Id"]
    try:
        yield identifier
    finally:
        with patient(engine, ANSWER) as api, contextlib.suppress(docker.errors.NotFound):
            api.remove_container(identifier, force=True)


class _Chunks(io.RawIOBase):
    """The daemon's answer as the file that `tarfile` reads from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:
        self._rest = self._rest or next(self._chunks, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
