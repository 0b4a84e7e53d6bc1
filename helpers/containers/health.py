"""Wait until Docker calls a container healthy, or unhealthy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..engine import Engine, connect
from ..engine.patience import patient, until
from ..errors import ContainerFailed
from ..text import plain
from .lifecycle import ANSWER
from .own import ours

__all__ = ["Health", "health"]

WAIT = 60.0  # seconds
FORMAT = "{{.State.Health.Status}}"


@dataclass(frozen=True)
class Health:
    """What the probes of a container came to.

    Fields
    ------
    name: the container's.
    status: ``"healthy"`` or ``"unhealthy"``.
    output: what the latest probe wrote; control sequences taken out.
    """

    name: str
    status: str
    output: str = field(repr=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `health` has printed it."""


def health(
    name: str,
    awaited: Literal["healthy", "unhealthy"] = "healthy",
    *,
    limit: float = WAIT,
    engine: Engine | None = None,
) -> Health:
    """Wait until the container's health is ``awaited``; print the `docker inspect` line and it.

    Parameters
    ----------
    limit: seconds to wait.

    Raises
    ------
    NotFound, NotOurs, EngineLost: as for `helpers.containers.run`.
    ContainerFailed: the container has no health check, or it does not run any more.
    TimedOut: its health was another one until the end.
    """
    engine = engine or connect()
    found = ours(engine, name)
    if not found["State"].get("Health"):
        raise ContainerFailed("containers.no_health", name=name)
    print(f"$ docker inspect --format '{FORMAT}' {plain(name)}")
    identifier = found["Id"]

    def look() -> dict | None:
        state = api.inspect_container(identifier)["State"]
        if not state["Running"]:  # Docker then says unhealthy, which is not what is asked
            raise ContainerFailed("containers.health_ended", name=name, code=state["ExitCode"])
        return state["Health"] if state["Health"]["Status"] == awaited else None

    with patient(engine, ANSWER) as api:
        told = until(look, limit, "containers.waiting_health", name=name, wanted=awaited)
    probes = (told or {}).get("Log") or [{}]
    print(awaited)
    return Health(name, awaited, plain(probes[-1].get("Output", "")).strip())
