"""Every container that the local AWS starts is the course's: labelled, and on loopback alone.

Replaces ``docker.models.containers.ContainerCollection.run``, which MiniStack uses for tasks and
databases alike, ``create``, and ``ImageCollection.pull``.
"""

from __future__ import annotations

import secrets
from typing import Any

from docker import errors
from docker.models.containers import ContainerCollection
from docker.models.images import ImageCollection

from .settings import DOOR, LABELS, LINK, NETWORK, door

__all__ = ["TOKEN", "install", "loopback"]

USER = "AWS"
TOKEN = secrets.token_urlsafe(32)  # what a login to the registry is good for, until this ends
MODES = ("host", "none")


def install() -> None:
    """Put the course's manners into the Docker SDK of this process."""
    ContainerCollection.create = _mannered(ContainerCollection.create)  # type: ignore[method-assign]
    ContainerCollection.run = _run  # type: ignore[method-assign]
    ImageCollection.pull = _pulling(ImageCollection.pull)  # type: ignore[method-assign]
    ImageCollection.get_registry_data = _asking(  # type: ignore[method-assign]
        ImageCollection.get_registry_data
    )


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


def _run(
    self: ContainerCollection, image: Any, command: Any = None, *, linked: bool = False,
    **options: Any,
) -> Any:  # fmt: skip
    """Create a container and start it, as MiniStack does with ``detach=True``.

    Between the two it joins the network in which it finds its credentials, if it shall.
    """
    try:
        made = self.create(image, command, **options)
    except errors.ImageNotFound:
        self.client.images.pull(image, platform=options.get("platform"))
        made = self.create(image, command, **options)
    try:
        if linked and LINK:
            self.client.api.connect_container_to_network(made.id, LINK)
        made.start()
    except errors.APIError:
        made.remove(force=True, v=True)
        raise
    made.reload()
    return made


def _pulling(original: Any) -> Any:
    def pull(self: ImageCollection, repository: str, *rest: Any, **options: Any) -> Any:
        if repository.startswith("lbl/"):
            raise errors.ImageNotFound(
                f"{repository} is an image of the course: no registry has it"
            )
        if repository.startswith(f"{door()}/"):
            # what the task execution role is for: the agent logs in with it
            options["auth_config"] = {"username": USER, "password": TOKEN}
        return original(self, repository, *rest, **options)

    return pull


def _asking(original: Any) -> Any:
    """What an image's digest is, a service asks the registry before its first task starts."""

    def ask(self: ImageCollection, name: str, auth_config: Any = None) -> Any:
        if name.startswith(f"{door()}/"):
            auth_config = {"username": USER, "password": TOKEN}
        return original(self, name, auth_config)

    return ask
