"""A secret made up and handed to a swarm: shown nowhere, written to no file."""

from __future__ import annotations

import secrets

import docker

from ..engine import labels
from ..text import plain
from .watching import Swarm

__all__ = ["secret"]

LONG = 24  # bytes


def secret(cluster: Swarm, name: str) -> None:
    """Make a secret of random content (``docker secret create``), unless there is one of that name.

    Nobody gets to see it: it goes from this process to the managers, and from there only into
    containers of services that name it.
    """
    api = cluster.api()
    print(f"$ openssl rand -base64 {LONG} | docker secret create {plain(name)} -", flush=True)
    try:
        # api.create_secret of SDK 7.2 wants a name that is not there, too: 409 from the daemon
        api.create_secret(name, secrets.token_urlsafe(LONG).encode(), labels=labels.make("08"))
    except docker.errors.APIError as error:
        if error.status_code != 409:
            raise
