"""Start a container whose published port the daemon chose, and which may be taken outside."""

from __future__ import annotations

import docker

from ..errors import EngineFailed
from ..text import plain

__all__ = ["start_container"]

TRIES = 5  # a port that is free inside an engine's network may be taken outside


def start_container(api: docker.APIClient, identifier: str, failure: str) -> None:
    """Start a container; try again, with another port, where its port was taken.

    Parameters
    ----------
    failure: key of the error's message; it is handed the daemon's ``reason``.

    Raises
    ------
    EngineFailed: it did not start.
    """
    for attempt in range(TRIES):
        try:
            api.start(identifier)
            return
        except docker.errors.APIError as error:
            taken = "already in use" in str(error) or "already allocated" in str(error)
            if not taken or attempt + 1 == TRIES:
                reason = plain(error.explanation or error)
                raise EngineFailed(failure, reason=reason) from None
