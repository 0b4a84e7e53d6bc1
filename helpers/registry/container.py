"""What is done to the registry's container but starting it."""

from __future__ import annotations

import docker

from ..engine import Engine
from ..engine.patience import patient, until
from ..errors import EngineLost

__all__ = ["ANSWER", "execute", "remove"]

ANSWER = 60  # seconds for the daemon to remove the container or to begin a command in it


def remove(api: docker.APIClient, name: str) -> None:
    """Remove the container with everything that was pushed to it; nothing if there is none."""
    try:
        api.remove_container(name, force=True, v=True)
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        if error.status_code != 409:  # it is being removed already
            raise
    gone = lambda: not api.containers(all=True, filters={"name": f"^/?{name}$"})  # noqa: E731
    until(gone, ANSWER, "containers.waiting_removal", name=name)


def execute(engine: Engine, container: str, command: list[str], url: str) -> tuple[int, str]:
    """Run a program in the container; return its exit code and what it wrote.

    Raises
    ------
    EngineLost: the container does not run.
    """
    with patient(engine, 5 * ANSWER) as api:
        try:
            made = api.exec_create(container, command)["Id"]
            output = api.exec_start(made)
            return api.exec_inspect(made)["ExitCode"], output.decode(errors="replace")
        except docker.errors.APIError as error:
            reason = str(error.explanation or error)
            raise EngineLost("registry.lost", url=url, reason=reason) from None
