"""The way from the desired state to the actual one, as data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Amount", "Progress"]


@dataclass(frozen=True)
class Amount:
    """How much of a service ran from one moment on.

    ``seconds``: since the order was given. ``desired``: replicas asked for; ``running``: those that
    ran; ``current``: those of them that were already made by the newest specification.
    """

    seconds: float
    desired: int
    running: int
    current: int


@dataclass(frozen=True)
class Progress:
    """How the actual state of some services came to what was asked for.

    Fields
    ------
    order: the command or file that was applied, for the title.
    services: each service's name with its amounts, oldest first; the first one is the state at the
        order (``desired`` as it was before, if the service was there).
    reached: whether desired and actual state agreed in the end.
    waiting: tasks that could not be placed, with the orchestrator's reason: ``(("web.4", "…"),)``.
    seconds: how long was watched.
    """

    order: str
    services: tuple[tuple[str, tuple[Amount, ...]], ...]
    reached: bool
    waiting: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
