"""An image of the learner's handed to the nodes, through the registry in their network."""

from __future__ import annotations

import docker

from ..containers.own import look
from ..engine import Engine, talking
from ..engine.own import own_image
from ..engine.patience import patient, until
from ..errors import ClusterFailed, NotFound
from ..registry import client
from ..registry.image import PORT
from ..text import plain
from . import nodes
from .own import REGISTRY, registry_of

__all__ = ["hand_over", "where"]

MOVE = 300  # seconds without a word from the daemon while it pushes
START = 60  # seconds until the registry answers


def where(engine: Engine, lesson: str) -> str:
    """Return where the daemon reaches the registry of the nodes: ``127.0.0.1:PORT``.

    Raises
    ------
    ClusterFailed: it is not there, or does not answer.
    """
    container = registry_of(lesson)
    found = look(engine, container)
    if found is None:
        raise ClusterFailed("cluster.no_registry")
    if not found["State"]["Running"]:
        nodes.start(engine, container)
        found = look(engine, container) or found
    bound = (found["NetworkSettings"].get("Ports") or {}).get(f"{PORT}/tcp") or []
    if not bound:
        raise ClusterFailed("cluster.no_registry")
    url = f"127.0.0.1:{bound[0]['HostPort']}"
    if not engine.endpoint.remote:  # else that is the 127.0.0.1 of another machine
        until(lambda: client.ready(url), START, "registry.waiting")
    return url


def hand_over(engine: Engine, lesson: str, image: str) -> str:
    """Push an image to the registry of the nodes; return the name by which they pull it.

    The second name that a push needs is given for the time of the push alone. The daemon reaches
    the registry as ``127.0.0.1:PORT``, the nodes as ``registry:5000``.

    Raises
    ------
    NotFound: the daemon has no such image.
    NotOurs: the course did not make it.
    ClusterFailed: the registry is not there, or refused it.
    EngineLost: the daemon went away.
    """
    if own_image(engine, image) is None:
        raise NotFound("components.no_image", image=image)
    last = image.rpartition("/")[2]
    repository, tag = (image, "latest") if ":" not in last else image.rsplit(":", 1)
    url = where(engine, lesson)
    there = f"{url}/{repository}"
    print(f"$ docker tag {plain(image)} {plain(there)}:{plain(tag)}")
    print(f"$ docker push {plain(there)}:{plain(tag)}", flush=True)
    with talking(engine):
        engine.client.api.tag(image, there, tag, force=True)
    try:
        with patient(engine, MOVE) as api:
            for line in api.push(there, tag, stream=True, decode=True):
                if "error" in line:
                    raise ClusterFailed("cluster.push", image=image, reason=line["error"])
    finally:
        with talking(engine):
            try:
                engine.client.api.remove_image(f"{there}:{tag}")
            except docker.errors.APIError as error:
                if error.status_code not in (404, 409):
                    raise
    return f"{REGISTRY}:{PORT}/{repository}:{tag}"
