"""The way from the desired state to the actual one, as data."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import text
from ..text import plain

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
        order: ``desired`` as it was before, 0 if the service was not there.
    reached: whether desired and actual state agreed in the end.
    waiting: tasks that could not be placed, with the orchestrator's reason: ``(("web.4", "…"),)``.
    seconds: how long was watched.
    """

    order: str
    services: tuple[tuple[str, tuple[Amount, ...]], ...]
    reached: bool
    waiting: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0

    def __str__(self) -> str:
        lines = [text(f"stacks.progress.{'reached' if self.reached else 'open'}")]
        for name, amounts in self.services:
            last = amounts[-1]
            told = {"name": plain(name), "running": last.running, "desired": last.desired}
            lines.append("  " + text("stacks.progress.service", **told))
        for task, reason in self.waiting:
            lines.append("  " + text("stacks.progress.waiting", task=task, reason=reason))
        return "\n".join(lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}
