"""What the build editor and its bench hand to each other: steps of a text, and rounds of builds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..contexts import Snapshot
from ..errors import CourseError
from .classic import Done
from .dockerfile import instructions
from .model import BASE, CACHED, FAILED, RAN, UNREACHED, Explanation, Prediction, Step, Trace
from .plan import Plan, plan
from .rawjson import Vertex
from .syntax import check

__all__ = ["RUNNING", "Follower", "Round", "read_steps"]

RUNNING = "running"


@dataclass(frozen=True)
class Round:
    """One build from the bench.

    Fields
    ------
    trace: what it did; None if it failed before its first step.
    explanation: why each step ran; None if there is no trace.
    prediction: the course's own, made before the build; None if it could not be made.
    error: why the build failed; None if it did not.
    said: the lines that the build printed: its command and its outcome.
    """

    trace: Trace | None = None
    explanation: Explanation | None = None
    prediction: Prediction | None = None
    error: CourseError | None = None
    said: tuple[str, ...] = ()


def read_steps(dockerfile: str, shown: str = "", *, classic: bool = False) -> tuple[Step, ...]:
    """Return the steps of a Dockerfile without looking at any other file; nothing is built.

    A step's state is ``"base"`` for a FROM, ``"unreached"`` where the image does not need it, and
    otherwise ``"ran"``, which foretells nothing.

    Parameters
    ----------
    shown: the folder of the build context as a message names it.
    classic: with the rules of the classic builder, which builds stages that nothing needs.

    Raises
    ------
    BuildFailed: the Dockerfile has a mistake; the message names the line.
    """
    check(dockerfile, shown)
    return tuple(
        Step(
            step.stage, step.number, step.instruction, step.line,
            UNREACHED if not step.needed else BASE if step.base else RAN,
            inputs=step.inputs,
        )
        for step in _plan(dockerfile, classic).steps
    )  # fmt: skip


def _plan(dockerfile: str, classic: bool = False) -> Plan:
    return plan(dockerfile, Snapshot(), {}, classic=classic)


class Follower:
    """Turns a builder's news into ``report(step id, state)``, once for each change.

    Parameters
    ----------
    dockerfile: what is being built.
    report: is called with ``"running"``, ``"cached"``, ``"ran"`` or ``"failed"``.
    """

    def __init__(self, dockerfile: str, report: Callable[[str, str], None]) -> None:
        self._report = report
        self._states: dict[str, str] = {}
        try:
            planned = _plan(dockerfile)
        except CourseError:  # with a mistake: there will be no news
            planned = Plan(())
        steps = [step for step in planned.steps if not step.base]
        self._places = {(step.stage, step.vertex): step.id for step in steps}
        if len(planned.stages) == 1:
            self._places |= {("", step.vertex): step.id for step in steps}
        lines = {step.line: step.id for step in steps}
        self._numbers = {n: lines.get(i.line) for n, i in enumerate(instructions(dockerfile), 1)}

    def __call__(self, news: object) -> None:
        """Take a `Vertex` of BuildKit, or a step of the classic builder (`Done`)."""
        if isinstance(news, Vertex) and news.place and news.started is not None:
            ended = RUNNING if news.completed is None else CACHED if news.cached else RAN
            self._note(self._places.get(news.place), FAILED if news.error else ended)
        elif isinstance(news, Done):
            # It does one step after the other: where a new one begins, the one before has ended.
            for step, state in self._states.copy().items():
                if state == RUNNING and step != self._numbers.get(news.number):
                    self._note(step, RAN)
            self._note(self._numbers.get(news.number), CACHED if news.cached else RUNNING)

    def _note(self, step: str | None, state: str) -> None:
        if step is not None and self._states.get(step) != state:
            self._states[step] = state
            self._report(step, state)
