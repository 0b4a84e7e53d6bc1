"""Image archives out of thin air: deterministic, without a pull and without a daemon.

One archive serves both image stores: it has the ``manifest.json`` that the classic ``docker load``
reads and the ``index.json`` of an OCI layout, over the same gzip layers.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.engine import labels

Files = Iterable[tuple[str, bytes | None]]  # a path and its bytes; None: a folder


@dataclass(frozen=True)
class Blob:
    """A gzip layer in a file: what its bytes and its uncompressed tar hash to."""

    path: Path
    digest: str
    diff_id: str
    size: int


@dataclass(frozen=True)
class Plan:
    """An image to put into an archive: its name and its layers, bottom first."""

    name: str
    layers: Sequence[Blob]


def layer(path: Path, files: Files) -> Blob:
    """Write one gzip layer to ``path``; the same files give the same bytes."""
    tar_hash = hashlib.sha256()
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed:
        sink = _Hashing(packed, tar_hash)
        with tarfile.open(
            fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT, bufsize=1 << 16
        ) as tar:
            for name, content in files:
                member = tarfile.TarInfo(name)
                member.mtime = 1_700_000_000
                if content is None:
                    member.type, member.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(member)
                else:
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return Blob(path, digest, tar_hash.hexdigest(), path.stat().st_size)


def archive(path: Path, plans: Sequence[Plan]) -> None:
    """Write images as one archive that ``docker load`` takes in both stores."""
    blobs: dict[str, bytes | Path] = {}
    manifests, index = [], []
    for plan in plans:
        config = _json(_config(plan))
        config_id = _add(blobs, config)
        for part in plan.layers:
            blobs[part.digest] = part.path
        names = [f"blobs/sha256/{part.digest}" for part in plan.layers]
        manifests.append(
            {"Config": f"blobs/sha256/{config_id}", "RepoTags": [plan.name], "Layers": names}
        )
        manifest = _json(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": _descriptor("config.v1+json", config_id, len(config)),
                "layers": [_descriptor("layer.v1.tar+gzip", p.digest, p.size) for p in plan.layers],
            }
        )
        entry = _descriptor("manifest.v1+json", _add(blobs, manifest), len(manifest))
        full = f"docker.io/{plan.name}"
        index.append(entry | {"annotations": {"io.containerd.image.name": full}})
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for digest, blob in blobs.items():
            _put(tar, f"blobs/sha256/{digest}", blob)
        _put(tar, "manifest.json", _json(manifests))
        _put(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        _put(tar, "index.json", _json({"schemaVersion": 2, "manifests": index}))


def _config(plan: Plan) -> dict:
    steps = [f"RUN step {n}" for n in range(1, len(plan.layers) + 1)]
    return {
        "architecture": "amd64",
        "os": "linux",
        "created": "2023-11-14T22:13:20Z",
        "config": {"Labels": labels.make(role="benchmark", name=plan.name)},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{p.diff_id}" for p in plan.layers]},
        "history": [{"created": "2023-11-14T22:13:20Z", "created_by": step} for step in steps],
    }


def _descriptor(kind: str, digest: str, size: int) -> dict:
    media = f"application/vnd.oci.image.{kind}"
    return {"mediaType": media, "digest": f"sha256:{digest}", "size": size}


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _add(blobs: dict[str, bytes | Path], content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    blobs[digest] = content
    return digest


def _put(tar: tarfile.TarFile, name: str, content: bytes | Path) -> None:
    member = tarfile.TarInfo(name)
    if isinstance(content, bytes):
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
        return
    member.size = content.stat().st_size
    with content.open("rb") as source:
        tar.addfile(member, source)


class _Hashing:
    """A file that hashes what passes through."""

    def __init__(self, sink: gzip.GzipFile, digest: hashlib._Hash) -> None:
        self._sink, self._digest = sink, digest

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._sink.write(data)


def spread(items: Sequence, parts: int) -> Iterator[Sequence]:
    """Yield ``items`` in ``parts`` runs of nearly the same length."""
    for n in range(parts):
        yield items[len(items) * n // parts : len(items) * (n + 1) // parts]
