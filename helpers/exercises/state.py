"""What checks ask the daemon: an image, a container, what is in it, or None where it is missing."""

from __future__ import annotations

import io
import tarfile

import docker

from .. import images
from ..engine import Engine

__all__ = ["container", "exists", "file", "image", "made_from", "mount", "printed"]

MOST = 1 << 20  # bytes of a file that are read


def exists(engine: Engine, image: str) -> bool:
    """Whether the engine holds an image of that name."""
    try:
        engine.client.images.get(image)
    except docker.errors.ImageNotFound:
        return False
    return True


def image(engine: Engine, name: str) -> images.Image | None:
    """Return an image with its layers."""
    return images.read(name, engine) if exists(engine, name) else None


def container(engine: Engine, name: str) -> dict | None:
    """Return what the daemon tells of a container (Docker Engine API, ``ContainerInspect``)."""
    try:
        return engine.client.api.inspect_container(name)
    except docker.errors.NotFound:
        return None


def made_from(engine: Engine, container: dict, image: str) -> bool:
    """Whether a container was made from what the image of that name is now."""
    try:
        return container["Image"] == engine.client.images.get(image).id
    except docker.errors.ImageNotFound:
        return False


def mount(container: dict, place: str) -> dict | None:
    """Return what is mounted at a place of a container."""
    found = [m for m in container.get("Mounts") or [] if m["Destination"] == place]
    return found[0] if found else None


def printed(engine: Engine, container: dict) -> str:
    """Return the last lines that a container wrote."""
    return engine.client.api.logs(container["Id"], tail=20).decode(errors="replace").strip()


def file(engine: Engine, container: dict, path: str) -> tuple[tarfile.TarInfo, bytes] | None:
    """Return a regular file of a container, running or not: owner and mode, and the content."""
    try:
        chunks, _ = engine.client.api.get_archive(container["Id"], path)
    except docker.errors.NotFound:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        member = archive.next()
        content = archive.extractfile(member) if member and member.isreg() else None
        return (member, content.read(MOST)) if member and content else None
