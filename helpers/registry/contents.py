"""Manifests, indexes and tags, read from a registry."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass

from ..errors import NotFound
from .client import Access
from .model import Blob, Index, Manifest, Part

__all__ = [
    "IMAGE",
    "INDEX",
    "Document",
    "catalogue",
    "config",
    "diff_ids",
    "index",
    "manifest",
    "manifests",
    "read",
    "shown",
    "split",
    "tags",
]

IMAGE = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
INDEX = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)


@dataclass(frozen=True)
class Document:
    """A manifest or an index as the registry sent it."""

    content: bytes
    digest: str
    media_type: str

    @property
    def parsed(self) -> dict:
        return json.loads(self.content)

    @property
    def index(self) -> bool:
        return self.media_type in INDEX or "manifests" in self.parsed


def split(name: str) -> tuple[str, str]:
    """Return repository and tag, or repository and digest, of a name."""
    if "@" in name:
        repository, _, digest = name.partition("@")
        return repository, digest
    repository, _, tag = name.partition(":")
    return repository, tag or "latest"


def shown(name: str) -> str:
    """Return a name for a sentence: a digest, another one on each engine, is not written out."""
    repository, sign, _ = name.partition("@")
    return f"{repository}@sha256:…" if sign else name


def catalogue(access: Access) -> list[str]:
    """Return ``repository:tag`` of everything in the registry, sorted."""
    names = json.loads(access.get("/v2/_catalog?n=1000")[0]).get("repositories") or []
    return sorted(f"{name}:{tag}" for name in names for tag in tags(access, name))


def tags(access: Access, repository: str) -> list[str]:
    """Return the tags of a repository; one whose images were all deleted has none."""
    try:
        answer = access.get(f"/v2/{repository}/tags/list")[0]
    except NotFound:
        return []
    return sorted(json.loads(answer).get("tags") or [])


def read(access: Access, name: str) -> Document:
    """Return what the registry holds under ``repository:tag`` or ``repository@sha256:…``.

    Raises
    ------
    NotFound: nothing; the message names what there is.
    """
    repository, reference = split(name)
    try:
        content, digest, kind = access.get(
            f"/v2/{repository}/manifests/{reference}", (*IMAGE, *INDEX)
        )
    except NotFound:
        known = ", ".join(catalogue(access)) or "–"
        raise NotFound("registry.missing", name=name, known=known) from None
    return Document(content, digest or f"sha256:{hashlib.sha256(content).hexdigest()}", kind)


def manifest(access: Access, name: str, platform: str) -> Manifest:
    """Return the manifest of ``repository:tag`` or ``repository@sha256:…``.

    Of an index, that for ``platform``, with the digest of the index.

    Raises
    ------
    NotFound: the registry has no such image, or not for this platform.
    EngineLost: the registry does not answer.
    """
    whole = found = read(access, name)
    if whole.index:
        part = _index(name, whole).part(platform)
        if part is None:
            known = ", ".join(_index(name, whole).platforms)
            raise NotFound("registry.no_platform", name=name, platform=platform, known=known)
        found = read(access, f"{split(name)[0]}@{part.digest}")
    return _manifest(name, whole, found)


def manifests(access: Access, name: str) -> list[Manifest]:
    """Return the manifests of a name for all its platforms.

    Raises
    ------
    NotFound: the registry has no such image.
    """
    whole = read(access, name)
    if not whole.index:
        return [_manifest(name, whole, whole)]
    repository, found = split(name)[0], []
    for part in _index(name, whole).parts:
        with contextlib.suppress(NotFound):  # it was deleted, and the index stayed
            one = read(access, f"{repository}@{part.digest}")
            found.append(_manifest(name, whole, one))
    return found


def index(access: Access, name: str) -> Index:
    """Return the index that a name stands for; of a single image, one that lists this image alone.

    Raises
    ------
    NotFound: the registry has no such image.
    """
    found = read(access, name)
    if found.index:
        return _index(name, found)
    platform = config(access, name, _blob(found.parsed["config"]))
    part = Part(platform, found.digest, len(found.content), found.media_type)
    return Index(name, found.digest, (part,))


def config(access: Access, name: str, blob: Blob) -> str:
    """Return the platform that an image's config says it is for: ``linux/arm64``."""
    found = _config(access, name, blob)
    return f"{found['os']}/{found['architecture']}"


def diff_ids(access: Access, name: str, blob: Blob) -> list[str]:
    """Return the diff IDs that an image's config lists, bottom first."""
    return _config(access, name, blob)["rootfs"]["diff_ids"]


def _config(access: Access, name: str, blob: Blob) -> dict:
    return json.loads(access.get(f"/v2/{split(name)[0]}/blobs/{blob.digest}")[0])


def _manifest(name: str, whole: Document, one: Document) -> Manifest:
    repository, reference = split(name)
    described = one.parsed
    return Manifest(
        name=name if "@" in name else f"{repository}:{reference}",
        digest=whole.digest,
        config=_blob(described["config"]),
        layers=tuple(_blob(row) for row in described["layers"]),
        own=Blob(one.digest, len(one.content)),
    )


def _index(name: str, found: Document) -> Index:
    parts = []
    for row in found.parsed["manifests"]:
        told = row.get("platform", {})
        platform = f"{told.get('os', '?')}/{told.get('architecture', '?')}"
        if platform != "unknown/unknown":  # what buildx attests is no image
            parts.append(Part(platform, row["digest"], row["size"], row["mediaType"]))
    return Index(name, found.digest, tuple(parts))


def _blob(row: dict) -> Blob:
    return Blob(row["digest"], row["size"])
