"""Plain HTTP off loopback: the daemon refuses it, and this shows how."""

from __future__ import annotations

from dataclasses import dataclass

import docker

from ..engine import Engine
from ..engine.patience import patient
from ..errors import EngineLost
from ..messages import text
from ..text import plain
from . import refusals
from .image import PORT

__all__ = ["Refusal", "attempt"]

WAIT = 60  # seconds for the daemon to be refused
SHOWN = "172.X.X.X"  # the address differs from engine to engine


@dataclass(frozen=True)
class Refusal:
    """What the daemon said; ``refused`` is False where it was told to trust the address."""

    refused: bool
    reason: str

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: it has been printed."""


def attempt(engine: Engine, container: str, name: str, url: str) -> Refusal:
    """Pull ``name`` from the container's address on its bridge, and print what the daemon says.

    Raises
    ------
    EngineLost: the container does not run.
    """
    with patient(engine, WAIT) as api:
        try:
            networks = api.inspect_container(container)["NetworkSettings"]["Networks"].values()
        except docker.errors.NotFound:
            networks = ()
        address = next((n["IPAddress"] for n in networks if n.get("IPAddress")), None)
        if address is None:
            raise EngineLost("registry.lost", url=url, reason=text("registry.silent"))
        print(f"$ docker pull {SHOWN}:{PORT}/{plain(name)}")
        there = f"{address}:{PORT}/{name}"
        repository, _, tag = there.rpartition(":")
        try:
            lines = api.pull(repository, tag, stream=True, decode=True)
            said = next((str(line["error"]) for line in lines if "error" in line), None)
        except docker.errors.APIError as error:
            said = str(error.explanation or error)
        if said is None:  # the engine's settings call this address safe
            api.remove_image(there, noprune=True)
            found = Refusal(False, text("registry.trusted"))
        else:
            found = Refusal(True, plain(refusals.last(said)))
    print(found.reason)
    return found
