"""The course's own images, told apart from others of the same name."""

from __future__ import annotations

import docker

from ..errors import NotOurs
from . import labels
from .connection import Engine, talking

__all__ = ["own_image"]


def own_image(engine: Engine, name: str, refusal: str = "builds.not_ours") -> dict | None:
    """Return what the daemon tells of the course's image ``name``, None if there is none.

    Parameters
    ----------
    refusal: key of the error's message; it is handed the name as ``tag`` and as ``name``.

    Raises
    ------
    NotOurs: there is one, and the course did not make it.
    EngineLost: the daemon went away.
    """
    with talking(engine):
        try:
            found = engine.client.api.inspect_image(name)
        except docker.errors.ImageNotFound:
            return None
        except docker.errors.APIError as error:
            if error.status_code == 400:  # no name that an image can have
                return None
            raise
    if not labels.ours((found.get("Config") or {}).get("Labels")):
        raise NotOurs(refusal, tag=name, name=name)
    return found
