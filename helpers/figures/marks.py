"""What each step of a build was: the role in which every build figure shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..builds.model import BASE, CACHED, FAILED, UNREACHED, Cause, Explanation, Step, Trace
from ..messages import text
from ..text import columns, padded
from . import style
from .rows import one_line
from .style import Look

LOOKS: dict[str, Look] = {
    "base": style.BASE,
    "hit": style.HIT,
    "blame": style.BLAME,
    "follows": style.FOLLOWS,
    "ran": style.RAN,
    "failed": style.FAILED,
    "unreached": style.UNREACHED,
}


@dataclass(frozen=True)
class Mark:
    """One step and its role.

    Attributes
    ----------
    role: ``"base"``, ``"hit"``, ``"ran"`` or ``"unreached"``; where an explanation tells more,
        ``"blame"`` or ``"follows"`` in place of ``"ran"``.
    cause: why it ran, for a step to blame.
    """

    step: Step
    role: str
    cause: Cause | None = None

    @property
    def shown(self) -> str:
        """The key of `LOOKS` that it is drawn with: that a step failed comes first."""
        return "failed" if self.step.state == FAILED else self.role

    @property
    def look(self) -> Look:
        return LOOKS[self.shown]

    @property
    def rest(self) -> str:
        """The instruction without its first word, on one line; untrusted text."""
        return one_line(self.step.instruction.strip()[len(self.step.word) :], 1000)

    @property
    def said(self) -> str:
        """Symbol and role: ``✗ missed first``."""
        words = f"{self.look.symbol} {text(f'figures.role.{self.shown}')}"
        if self.shown != self.role and self.role != "ran":
            words += f" {text('figures.role.too', role=text(f'figures.role.{self.role}'))}"
        return words


def marks(what: Trace | Explanation) -> tuple[Mark, ...]:
    """Return the steps of a build with their roles, in the order of the Dockerfile."""
    if isinstance(what, Trace):
        return tuple(Mark(step, _bare(step)) for step in what.steps)
    known = {reason.step.id: reason for reason in what.reasons}
    return tuple(
        Mark(step, known[step.id].role, known[step.id].cause if known[step.id].blame else None)
        if step.id in known
        else Mark(step, _bare(step))
        for step in what.after.steps
    )


def _bare(step: Step) -> str:
    kept = {CACHED: "hit", BASE: "base", UNREACHED: "unreached"}
    return kept.get(step.state, "ran")


def trace_of(what: Trace | Explanation) -> Trace:
    """Return the build that a figure is about."""
    return what if isinstance(what, Trace) else what.after


def counts(what: Trace | Explanation) -> str:
    """Return ``2 from the cache, 1 missed first, 3 followed``, and which step failed."""
    found = marks(what)
    number = {role: sum(mark.role == role for mark in found) for role in LOOKS}
    key = "ran" if isinstance(what, Trace) else "blame"
    words = text(
        f"figures.counts_{key}",
        hits=number["hit"],
        ran=number["ran"],
        blame=number["blame"],
        follows=number["follows"],
    )
    several = len(trace_of(what).stages) > 1
    for mark in found:
        if mark.shown == "failed":
            words += text("figures.counts_failed", step=place(mark.step, several))
    return words


def place(step: Step, several: bool) -> str:
    """Return how a step is called: its number, with the stage where there are several."""
    return one_line(step.id, 80) if several else str(step.number)


def by_stage(found: Sequence[Mark]) -> dict[str, list[Mark]]:
    """Return the steps of each stage, both in the order of the Dockerfile."""
    stages: dict[str, list[Mark]] = {}
    for mark in found:
        stages.setdefault(mark.step.stage, []).append(mark)
    return stages


def stage_name(name: str) -> str:
    """Return ``stage build``."""
    return text("figures.stage", name=one_line(name, 60))


def listed(found: Sequence[Mark], ends: Sequence[str] | None = None) -> list[str]:
    """Return a line for each step, under its stage's name where there are several stages.

    ``ends`` is what is added at the end of each line. Nothing behind the instruction is padded:
    what varies from build to build, such as a duration, moves nothing else.
    """
    ends = ends or [""] * len(found)
    tail = dict(zip((mark.step.id for mark in found), ends, strict=True))
    stages = by_stage(found)
    numbers = max((len(str(mark.step.number)) for mark in found), default=1)
    roles = max((columns(mark.said) for mark in found), default=1)
    lines = []
    for name, steps in stages.items():
        if len(stages) > 1:
            lines.append(f"  {stage_name(name)}")
        indent = "    " if len(stages) > 1 else "  "
        for mark in steps:
            what = one_line(mark.step.instruction)
            lines.append(
                f"{indent}{mark.step.number:>{numbers}}  {padded(mark.said, roles)}  {what}"
                f"{tail[mark.step.id]}".rstrip()
            )
    return lines or [f"  {text('figures.no_steps')}"]
