"""Images out of files: archives of `docker save` and buildx, and OCI layout folders."""

from __future__ import annotations

import platform as machine
from collections.abc import Iterator
from pathlib import Path

from ..errors import BadArchive, NotFound
from . import assembly
from .archive import Folder, OnDisk, Store, Streamed
from .manifests import Found, familiar, images_in
from .model import Image
from .streams import Broken, mapped, unpacked
from .tar import BLOCK_SIZE

MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def archived(path: Path, platform: str | None, tag: str | None) -> Image:
    """Return the image in an archive or folder; see `helpers.images.read`."""
    try:
        store = _open(path)
        found = _chosen(images_in(store), platform, tag)
        layers = [_layer(store, layer) for layer in found.layers]
    except FileNotFoundError:
        raise NotFound("images.no_file", path=path) from None
    except OSError as error:
        raise BadArchive("images.unreadable", name=path, reason=error.strerror) from None
    except Broken as broken:
        raise BadArchive(broken.key, name=path, **broken.values) from None
    name = found.tags[0] if found.tags else path.name
    return assembly.image(name, found.id, found.tags, found.config, layers)


def _open(path: Path) -> Store:
    if path.is_dir():
        return Folder(path)
    stream = mapped(path)
    head = stream.take(BLOCK_SIZE)
    stream.unread(head)
    plain = unpacked(stream, head)
    return OnDisk(path) if plain is stream else Streamed(plain, lambda _: None)


def _layer(store: Store, path: str):
    if (entries := store.layer(path)) is None:
        raise Broken("images.incomplete", digest=path[:80])
    return entries


def _chosen(found: list[Found], platform: str | None, tag: str | None) -> Found:
    """Return the one image that was meant."""
    if tag is not None:
        names = {familiar(tag), f"{familiar(tag)}:latest"}
        fitting = [image for image in found if names & set(map(familiar, image.tags))]
        if not fitting:
            raise Broken("images.no_tag", tag=tag, tags=", ".join(_tags(found)) or "-")
        found = fitting
    if platform is not None:
        fitting = [image for image in found if image.platform == platform]
        if not fitting:
            platforms = ", ".join(dict.fromkeys(image.platform for image in found))
            raise Broken("images.no_platform", platform=platform, platforms=platforms)
        found = fitting
    if len(found) > 1 and len({tuple(sorted(image.tags)) for image in found}) > 1:
        raise Broken("images.several", count=len(found), tags=", ".join(_tags(found)))
    mine = f"linux/{MACHINES.get(machine.machine().lower(), '')}"
    return next((image for image in found if image.platform == mine), found[0])


def _tags(found: list[Found]) -> Iterator[str]:
    return (tag for image in found for tag in image.tags)
