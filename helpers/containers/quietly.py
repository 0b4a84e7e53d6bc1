"""A command in a running container that nobody is shown: measurements and probes."""

from __future__ import annotations

from collections.abc import Sequence

import docker

from ..engine import Engine
from ..engine.patience import patient, until
from ..errors import TimedOut
from .lifecycle import ANSWER
from .output import attached
from .refusals import not_now

__all__ = ["quietly"]


def quietly(
    engine: Engine,
    name: str,
    words: Sequence[str],
    limit: float,
    identifier: str = "",
    *,
    user: str | None = None,
    workdir: str | None = None,
) -> tuple[int, str]:
    """Run a command as `docker exec` does, print nothing; return its exit code and its output.

    Parameters
    ----------
    limit: seconds that it may take.
    identifier: the container's, if it is another one than ``name`` says in messages.
    user, workdir: in place of the container's.

    Raises
    ------
    ContainerFailed: the container has ended, is paused, or is between two starts.
    TimedOut: it had not ended in time; Docker cannot kill it, so it runs on.
    EngineLost: the daemon went away.
    """
    with patient(engine, ANSWER) as api:
        try:
            made = api.exec_create(
                identifier or name, list(words), user=user or "", workdir=workdir
            )["Id"]
        except docker.errors.APIError as error:
            raise not_now(engine, error, identifier or name, name, "exec") from None
    with patient(engine, limit) as api:
        try:
            output = attached(api.exec_start(made, socket=True), limit)
        except docker.errors.APIError as error:
            raise not_now(engine, error, identifier or name, name, "exec") from None
        except TimeoutError:
            raise TimedOut("containers.waiting_exec", name=name, seconds=limit) from None
        ended = lambda: not api.exec_inspect(made)["Running"]  # noqa: E731
        until(ended, limit, "containers.waiting_exec", name=name)
        return api.exec_inspect(made)["ExitCode"], output
