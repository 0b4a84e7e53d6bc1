"""Containers paused, which a busy kernel does not always do at the first try."""

from __future__ import annotations

import docker

__all__ = ["pause"]

TRIES = 4


def pause(api: docker.APIClient, identifier: str) -> None:
    """Pause a container; once more where a busy kernel took longer than runc waits (cgroup v1).

    Raises
    ------
    docker.errors.APIError: as the daemon said it, at once if it has another reason.
    """
    for left in reversed(range(TRIES)):
        try:
            return api.pause(identifier)
        except docker.errors.APIError as error:
            if not left or "unable to freeze" not in str(error):
                raise
