"""The volumes and the network that a container is given: none of them may be a learner's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import docker

from ..engine import Engine, labels
from ..engine.patience import patient
from ..errors import NotFound, NotOurs

__all__ = ["named_volumes", "network"]

ANSWER = 60  # seconds for the daemon to look up or make one
ALWAYS_THERE = ("bridge", "default", "host", "none")


def named_volumes(engine: Engine, volumes: Sequence[str], marks: Mapping[str, str]) -> None:
    """Make the named volumes that are missing, with labels: Docker would make them without.

    Raises
    ------
    NotOurs: one exists that the course did not make.
    """
    sources = {volume.split(":", 1)[0] for volume in volumes if ":" in volume}
    for name in sorted(s for s in sources if not s.startswith(("/", "."))):
        with patient(engine, ANSWER) as api:
            try:
                found = api.inspect_volume(name)
            except docker.errors.NotFound:
                api.create_volume(name, labels=dict(marks))
                continue
        if not labels.belongs(found.get("Labels"), name):
            raise NotOurs("containers.volume_not_ours", name=name)


def network(engine: Engine, name: str | None) -> None:
    """Check that a container of the course may be put into the network ``name``.

    Raises
    ------
    NotFound: there is no such network.
    NotOurs: there is one, and the course did not make it.
    """
    if name is None or name in ALWAYS_THERE or name.startswith("container:"):
        return
    with patient(engine, ANSWER) as api:
        try:
            found = api.inspect_network(name)
        except docker.errors.NotFound:
            raise NotFound("containers.no_network", name=name) from None
    if not labels.belongs(found.get("Labels"), name):
        raise NotOurs("containers.network_not_ours", name=name)
