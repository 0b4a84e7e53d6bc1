"""Every container that the local AWS starts is the course's: labelled, and on loopback alone.

Replaces ``docker.models.containers.ContainerCollection.run`` and ``create``, which MiniStack uses
for tasks and databases alike, and ``ImageCollection.pull``.
"""

from __future__ import annotations

import secrets
from typing import Any

from docker import errors
from docker.models.containers import ContainerCollection
from docker.models.images import ImageCollection

from .settings import DOOR, LABELS, NETWORK, door

__all__ = ["TOKEN", "install", "loopback"]

USER = "AWS"
TOKEN = secrets.token_urlsafe(32)  # what a login to the registry is good for, until this ends
MODES = ("host", "none")


def install() -> None:
    """Put the course's manners into the Docker SDK of this process."""
    for name in ("run", "create"):
        setattr(ContainerCollection, name, _mannered(getattr(ContainerCollection, name)))
    ImageCollection.pull = _pulling(ImageCollection.pull)  # type: ignore[method-assign]


def loopback(ports: dict[str, Any] | None) -> dict[str, Any]:
    """Return the SDK's ``ports`` with every one bound to 127.0.0.1."""
    found = {}
    for inside, outside in (ports or {}).items():
        number = outside[-1] if isinstance(outside, (tuple, list)) else outside
        found[inside] = (DOOR, number or None)
    return found


def _mannered(original: Any) -> Any:
    def made(self: ContainerCollection, image: Any, command: Any = None, **options: Any) -> Any:
        options["labels"] = {**(options.get("labels") or {}), **LABELS}
        if options.get("ports"):
            options["ports"] = loopback(options["ports"])
        mode = str(options.get("network_mode") or "")
        if NETWORK and not options.get("network") and mode not in MODES and ":" not in mode:
            options.pop("network_mode", None)
            options["network"] = NETWORK
        return original(self, image, command, **options)

    return made


def _pulling(original: Any) -> Any:
    def pull(self: ImageCollection, repository: str, *rest: Any, **options: Any) -> Any:
        if repository.startswith("lbl/"):
            raise errors.ImageNotFound(f"{repository} is an image of the course: no registry has it")
        if repository.startswith(f"{door()}/"):
            # what the task execution role is for: the agent logs in with it
            options["auth_config"] = {"username": USER, "password": TOKEN}
        return original(self, repository, *rest, **options)

    return pull
