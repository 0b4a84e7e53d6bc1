"""What is asked of a manager, asked again when the managers elect another leader meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ..errors import ClusterFailed
from .link import ELECTION, Link

__all__ = ["NO_LEADER", "led"]

NO_LEADER = "cluster.no_quorum"
PAUSE = 0.5  # seconds before the next try
Found = TypeVar("Found")


def led(link: Link, act: Callable[[str], Found], seconds: float = ELECTION) -> Found:
    """Call ``act`` with the name of a manager; again, as long as its answer is "no leader".

    A manager that followed a leader a moment ago may have none when it is asked the next thing: on
    a machine with much to do, managers miss each other and elect anew. Whether there can be a
    leader is for `Link.manager` to say, whose error is not tried again. It cannot say so of a swarm
    that is not the course's, so that nothing is tried again there.

    Parameters
    ----------
    act: what may be done twice: a change may have been made although no leader answered.
    seconds: for how long it is tried again.

    Raises
    ------
    ClusterFailed: the managers that are left are no majority; or what ``act`` raises.
    """
    deadline = time.monotonic() + (seconds if link.containers else 0.0)
    while True:
        manager = link.manager()
        try:
            return act(manager)
        except ClusterFailed as error:
            link.doubt()
            if error.key != NO_LEADER or time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE)
