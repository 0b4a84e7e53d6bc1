"""What a registry holds, asked over its HTTP API.

The calls are those of the OCI distribution specification
(https://github.com/opencontainers/distribution-spec/blob/main/spec.md).
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from dataclasses import dataclass

from ..errors import EngineLost, NotFound

__all__ = ["Blob", "Manifest", "catalogue", "manifest", "ready", "tags"]

ANSWER = 20  # seconds for one request
MOST = 1 << 22  # bytes of an answer: the specification lets a manifest have 4 MiB
IMAGE = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
INDEX = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)


@dataclass(frozen=True)
class Blob:
    """Bytes that a registry keeps under their digest; ``size`` is what is stored and sent."""

    digest: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a registry tells of an image.

    Fields
    ------
    name: ``repository:tag``.
    digest: of the manifest's own bytes: what one writes after ``@`` to mean exactly this image.
    config: the blob of the configuration.
    layers: the blobs of the layers, bottom first. Their digests are those of the bytes as sent,
        mostly compressed, so they differ from the diff IDs, and between image stores.
    """

    name: str
    digest: str
    config: Blob
    layers: tuple[Blob, ...]

    @property
    def size(self) -> int:
        """Bytes of config and layers, a layer that occurs twice counted once."""
        return sum({blob.digest: blob.size for blob in (self.config, *self.layers)}.values())


def ready(url: str) -> bool:
    """Whether a registry answers at ``url`` (``"127.0.0.1:PORT"``)."""
    try:
        with urllib.request.urlopen(f"http://{url}/v2/", timeout=2) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False


def catalogue(url: str) -> list[str]:
    """Return ``repository:tag`` of everything in the registry, sorted."""
    names = json.loads(_get(url, "/v2/_catalog?n=1000")[0]).get("repositories") or []
    return sorted(f"{name}:{tag}" for name in names for tag in tags(url, name))


def tags(url: str, repository: str) -> list[str]:
    """Return the tags of a repository; one whose images were all deleted has none."""
    try:
        answer, _ = _get(url, f"/v2/{repository}/tags/list")
    except NotFound:
        return []
    return json.loads(answer).get("tags") or []


def manifest(url: str, name: str, architecture: str) -> Manifest:
    """Return the manifest of ``repository:tag`` or ``repository@sha256:…``.

    Of an index, that for ``architecture``.

    Raises
    ------
    NotFound: the registry has no such image.
    EngineLost: the registry does not answer.
    """
    repository, _, reference = name.partition("@" if "@" in name else ":")
    found, digest = _read(url, repository, reference or "latest")
    if found.get("mediaType") in INDEX or "manifests" in found:
        wanted = [
            row["digest"]
            for row in found["manifests"]
            if row.get("platform", {}).get("architecture") == architecture
        ]
        if not wanted:
            raise NotFound("registry.missing", name=name, known=", ".join(catalogue(url)) or "–")
        found, _ = _read(url, repository, wanted[0])
    return Manifest(
        name=name if reference else f"{repository}:latest",
        digest=digest,
        config=_blob(found["config"]),
        layers=tuple(_blob(row) for row in found["layers"]),
    )


def _read(url: str, repository: str, reference: str) -> tuple[dict, str]:
    answer, digest = _get(url, f"/v2/{repository}/manifests/{reference}", (*IMAGE, *INDEX))
    return json.loads(answer), digest


def _blob(row: dict) -> Blob:
    return Blob(row["digest"], row["size"])


def _get(url: str, path: str, accept: tuple[str, ...] = ()) -> tuple[bytes, str]:
    request = urllib.request.Request(f"http://{url}{path}", headers={"Accept": ", ".join(accept)})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER) as answer:
            return answer.read(MOST), answer.headers.get("Docker-Content-Digest", "")
    except urllib.error.HTTPError as error:
        if error.code == 404:
            known = ", ".join(catalogue(url)) if "/manifests/" in path else ""
            name = path.removeprefix("/v2/").replace("/manifests/", ":")
            raise NotFound("registry.missing", name=name, known=known or "–") from None
        raise EngineLost("registry.lost", url=url, reason=f"HTTP {error.code}") from None
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise EngineLost("registry.lost", url=url, reason=reason) from None
