"""Tars, archives and layouts made in memory, without the code under test."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from helpers.engine import labels

KINDS = {
    "file": tarfile.REGTYPE,
    "dir": tarfile.DIRTYPE,
    "symlink": tarfile.SYMTYPE,
    "hardlink": tarfile.LNKTYPE,
    "char": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "fifo": tarfile.FIFOTYPE,
}
MARKERS = {
    "oci": "application/vnd.oci.image.layer.v1.tar",
    "gzip": "application/vnd.oci.image.layer.v1.tar+gzip",
    "zstd": "application/vnd.oci.image.layer.v1.tar+zstd",
}


@dataclass(frozen=True)
class Member:
    """One member of a tar that is to be made."""

    path: str
    kind: str = "file"
    content: bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    mtime: float = 1_700_000_000
    target: str = ""
    device: tuple[int, int] = (1, 3)


def tar(members: Iterable[Member], format: int = tarfile.GNU_FORMAT) -> bytes:
    """A layer's tar."""
    made = io.BytesIO()
    with tarfile.open(
        fileobj=made, mode="w", format=format, encoding="utf-8", errors="surrogateescape"
    ) as archive:
        for member in members:
            info = tarfile.TarInfo(member.path)
            info.type = KINDS[member.kind]
            info.mode, info.uid, info.gid = member.mode, member.uid, member.gid
            info.mtime, info.linkname = member.mtime, member.target
            info.devmajor, info.devminor = member.device
            if member.kind == "file":
                info.size = len(member.content)
            archive.addfile(info, io.BytesIO(member.content))
    return made.getvalue()


def raw_header(name: bytes, size: bytes = b"0", flag: bytes = b"0", **fields: bytes) -> bytes:
    """One header block with a right checksum and whatever else it is told."""
    block = bytearray(512)
    places = {"name": (0, 100), "mode": (100, 8), "uid": (108, 8), "gid": (116, 8),
              "size": (124, 12), "mtime": (136, 12), "link": (157, 100), "magic": (257, 8),
              "prefix": (345, 155), "real": (483, 12), "more": (482, 1)}  # fmt: skip
    told = {"name": name, "mode": b"0000644", "uid": b"0", "gid": b"0", "size": size,
            "mtime": b"0", "magic": b"ustar\x0000", **fields}  # fmt: skip
    for key, value in told.items():
        at, length = places[key]
        assert len(value) <= length
        block[at : at + len(value)] = value
    block[156:157] = flag
    return with_checksum(block)


def with_checksum(block: bytes | bytearray) -> bytes:
    block = bytearray(block)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def packed(data: bytes, how: str) -> bytes:
    if how == "gzip":
        return gzip.compress(data, 1, mtime=0)
    return zstandard.compress(data) if how == "zstd" else data


@dataclass
class Made:
    """An image that is to be archived: its layers' tars and its config."""

    layers: Sequence[bytes]
    tags: Sequence[str] = ("made:1",)
    history: Sequence[dict] | None = None
    config: dict = field(default_factory=dict)
    architecture: str = "amd64"
    how: str = "oci"

    @property
    def document(self) -> bytes:
        told = {"Cmd": ["/x"], "Labels": labels.make()} | self.config
        document = {
            "architecture": self.architecture,
            "os": "linux",
            "config": told,
            "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in self.layers]},
        }
        if self.history is not None:
            document["history"] = list(self.history)
        return json.dumps(document).encode()


def docker_archive(images: Sequence[Made], *, manifest_first: bool = False) -> bytes:
    """What `docker save` writes in the classic store."""
    files: dict[str, bytes] = {}
    manifest = []
    for image in images:
        for layer in image.layers:
            files[_blob(layer)] = layer
        files[_blob(image.document)] = image.document
        manifest.append(
            {
                "Config": _blob(image.document),
                "RepoTags": list(image.tags),
                "Layers": [_blob(layer) for layer in image.layers],
            }
        )
    last = {"manifest.json": json.dumps(manifest).encode()}
    return as_tar(last | files if manifest_first else files | last)


def layout(images: Sequence[Made]) -> dict[str, bytes]:
    """The files of an OCI layout, by path."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    index = []
    for image in images:
        blobs = [packed(layer, image.how) for layer in image.layers]
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": descriptor(image.document, "application/vnd.oci.image.config.v1+json"),
                "layers": [descriptor(blob, MARKERS[image.how]) for blob in blobs],
            }
        ).encode()
        for blob in (*blobs, image.document, manifest):
            files[_blob(blob)] = blob
        one = descriptor(manifest, "application/vnd.oci.image.manifest.v1+json")
        one["platform"] = {"os": "linux", "architecture": image.architecture}
        for tag in image.tags or [""]:
            notes = {"io.containerd.image.name": f"docker.io/library/{tag}"} if tag else {}
            index.append({**one, "annotations": notes})
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": index}).encode()
    return files


def descriptor(blob: bytes, kind: str) -> dict:
    return {"mediaType": kind, "digest": digest(blob), "size": len(blob)}


def as_tar(files: dict[str, bytes]) -> bytes:
    return tar(Member(path, content=content) for path, content in files.items())


def as_folder(files: dict[str, bytes], folder: Path) -> Path:
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


def _blob(data: bytes) -> str:
    return "blobs/" + digest(data).replace(":", "/")


def load(engine, images: Sequence[Made]) -> None:
    """Give ``images`` to the engine; it has them when this returns."""
    for told in engine.client.api.load_image(docker_archive(images), quiet=True):
        assert "error" not in told, told
