"""What went wrong in ``docker compose up``, as an error that says what to do."""

from __future__ import annotations

import re

from ..engine import Engine
from ..engine.patience import patient
from ..errors import ComposeFailed, ContainerFailed, CourseError, EngineLost, NotFound
from ..text import plain

__all__ = ["failure", "taken"]

ANSWER = 30  # seconds for the daemon
LINES = 4  # of a log that are shown


def taken(output: str) -> str | None:
    """Return the port that somebody else has; None if that was not the trouble."""
    if "already in use" not in output.lower() and "already allocated" not in output.lower():
        return None
    found = re.findall(r"127\.0\.0\.1:(\d+)", output)
    return found[-1] if found else None


def failure(engine: Engine, output: str, project: str) -> CourseError:
    """Return the error for what Compose wrote before it gave up."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if "cannot connect to the docker daemon" in output.lower():
        return EngineLost("engine.lost", reason=last)
    if port := taken(output):
        return ContainerFailed("components.port_taken", port=port, project=project)
    if found := re.search(r"container (\S+) is unhealthy", output):
        return ContainerFailed(
            "components.unhealthy", name=found[1], probe=_probe(engine, found[1])
        )
    if found := re.search(r"container (\S+) exited \((\d+)\)", output):
        tail = _tail(engine, found[1])
        return ContainerFailed("components.ended", name=found[1], code=found[2], tail=tail)
    pull = r"^(\S+) Error (?:Get|pull access|manifest|Head|Error)"
    if found := re.search(pull, "\n".join(lines), re.MULTILINE):
        return NotFound("components.no_service_image", service=found[1])
    return ComposeFailed("components.compose_failed", reason=last)


def _probe(engine: Engine, name: str) -> str:
    with patient(engine, ANSWER) as api:
        found = api.inspect_container(name)["State"].get("Health") or {}
    told = [str(one.get("Output", "")).strip() for one in found.get("Log") or []]
    return _short(told[-1]) if told else ""


def _tail(engine: Engine, name: str) -> str:
    with patient(engine, ANSWER) as api:
        return _short(api.logs(name, tail=LINES).decode(errors="replace"))


def _short(value: str) -> str:
    lines = [line.strip() for line in plain(value).splitlines() if line.strip()]
    return " / ".join(lines[-LINES:])[:400]
