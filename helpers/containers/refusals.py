"""The daemon's refusals as errors that teach: what was asked, why it cannot be, what to do."""

from __future__ import annotations

import re

import docker

from ..engine import Engine
from ..errors import ContainerFailed, NotFound
from .output import short
from .own import refused

__all__ = ["cannot", "not_now"]

# What engines from 20.10 to 28 answer, each to a message of the course.
ALLOCATED = re.compile(r"Bind for (\S+) failed: port is already allocated")
IN_USE = re.compile(
    r"(?:for |tcp4? )?(127\.[\d.]+:\d+|\[::1\]:\d+)\S*"
    r"(?: on the host)?: (?:bind: )?address already in use",
    re.IGNORECASE,
)
NAME = re.compile(r"container name \"/?([^\"]+)\" is already in use", re.IGNORECASE)


def cannot(
    engine: Engine, error: docker.errors.APIError, image: str, key: str, name: str = ""
) -> ContainerFailed:
    """Return the error for what the daemon answered.

    Parameters
    ----------
    key: ``"create"`` or ``"start"``: for all that no other message knows.
    name: of the container that was asked for.
    """
    reason = refused(error)
    if found := ALLOCATED.search(reason):
        holder = _holder(engine, found[1], but=name)
        if holder:
            return ContainerFailed("containers.port_of_container", port=found[1], holder=holder)
        return ContainerFailed("containers.port_taken", port=found[1])
    if found := IN_USE.search(reason):
        return ContainerFailed("containers.port_taken", port=found[1])
    if found := NAME.search(reason):
        return ContainerFailed("containers.name_taken", name=found[1])
    return ContainerFailed(f"containers.{key}", image=image, reason=short(reason))


def not_now(
    engine: Engine, error: docker.errors.APIError, identifier: str, name: str, key: str
) -> ContainerFailed | NotFound:
    """Return the error for an order that a container in its present state cannot follow.

    Parameters
    ----------
    identifier, name: the container, for the engine and for the message.
    key: ``"exec"`` or ``"order"``: for all that no other message knows.
    """
    reason = refused(error)
    try:
        state = engine.client.api.inspect_container(identifier)["State"]
    except docker.errors.NotFound:
        return NotFound("containers.missing", name=name, near="–")
    if state.get("Restarting"):
        return ContainerFailed("containers.restarting", name=name, code=state["ExitCode"])
    if state.get("Paused") and key != "order":
        return ContainerFailed("containers.paused", name=name)
    if state.get("Paused"):
        return ContainerFailed("containers.paused_already", name=name)
    if state["Status"] == "created":
        return ContainerFailed("containers.never_started", name=name)
    if not state["Running"]:
        return ContainerFailed("containers.ended", name=name, code=state["ExitCode"])
    if reason.endswith("is not paused"):
        return ContainerFailed("containers.order_unpause", name=name)
    return ContainerFailed(f"containers.{key}", name=name, reason=short(reason))


def _holder(engine: Engine, address: str, but: str) -> str:
    """Return the name of the container that has published ``address``, or nothing."""
    port = address.rpartition(":")[2]
    for row in engine.client.api.containers():
        names = [one.lstrip("/") for one in row["Names"]]
        taken = {str(p.get("PublicPort")) for p in row.get("Ports") or []}
        if port in taken and but not in names:
            return names[0] if names else ""
    return ""
