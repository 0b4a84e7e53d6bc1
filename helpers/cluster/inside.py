"""A command in a container, read to its end: in a task's on its node, or in a node itself."""

from __future__ import annotations

from collections.abc import Sequence

import docker

from ..containers.output import attached
from ..containers.own import refused
from ..engine.patience import until
from ..errors import ClusterFailed, TimedOut
from ..text import plain
from .link import asking

__all__ = ["run_in"]


def run_in(
    api: docker.APIClient, container: str, words: Sequence[str], limit: float, told: str = ""
) -> tuple[int, str]:
    """Run a command in a container of any engine; return its exit code and its output.

    Parameters
    ----------
    limit: seconds that it may take. Docker cannot end it: after that it runs on.
    told: what the container is called in messages.

    Raises
    ------
    ClusterFailed: the container does not run, or its engine does not answer.
    TimedOut: it had not ended in time.
    """
    told = told or container
    try:
        with asking():
            made = api.exec_create(container, list(words))["Id"]
            output = attached(api.exec_start(made, socket=True), limit)
            ended = lambda: not api.exec_inspect(made)["Running"]  # noqa: E731
            until(ended, limit, "containers.waiting_exec", name=told)
            return int(api.exec_inspect(made)["ExitCode"] or 0), plain(output)
    except TimeoutError:
        raise TimedOut("containers.waiting_exec", name=told, seconds=limit) from None
    except docker.errors.APIError as error:
        raise ClusterFailed("cluster.refused", reason=plain(refused(error))) from None
