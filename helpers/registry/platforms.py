"""One name for several platforms: an index (a "manifest list") made of images in the registry."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..errors import EngineFailed
from . import contents
from .client import Access
from .contents import IMAGE, INDEX
from .model import Index

__all__ = ["join"]


def join(access: Access, name: str, parts: Sequence[str]) -> Index:
    """Put an index in the registry under ``name`` and return it; see `Registry.join`."""
    repository, tag = contents.split(name)
    if len(parts) < 2 or any(contents.split(part)[0] != repository for part in parts):
        raise EngineFailed("registry.unfit", name=name, parts=", ".join(parts))
    entries = [contents.index(access, part) for part in parts]
    listed = [part for entry in entries for part in entry.parts]
    platforms = [part.platform for part in listed]
    if len(set(platforms)) != len(platforms):
        raise EngineFailed("registry.same_platform", name=name, platforms=", ".join(platforms))
    # A list is of the same family as what it lists: Docker's own types, or those of OCI.
    kind = INDEX[0] if any(part.media_type == IMAGE[0] for part in listed) else INDEX[1]
    document = {"schemaVersion": 2, "mediaType": kind, "manifests": []}
    for part in listed:
        system, architecture = part.platform.split("/")
        document["manifests"].append(
            {
                "mediaType": part.media_type,
                "digest": part.digest,
                "size": part.size,
                "platform": {"architecture": architecture, "os": system},
            }
        )
    content = json.dumps(document, indent=2).encode()
    access.put(f"/v2/{repository}/manifests/{tag}", content, kind)
    return contents.index(access, name)
