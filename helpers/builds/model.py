"""What a build did and why, as plain data: steps, traces, explanations, predictions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ..messages import text
from ..text import plain

__all__ = [
    "BASE",
    "CACHED",
    "FAILED",
    "RAN",
    "UNREACHED",
    "Cause",
    "Explanation",
    "Forecast",
    "Prediction",
    "Reason",
    "Score",
    "State",
    "Step",
    "Trace",
]

State = Literal["base", "cached", "ran", "failed", "unreached"]
BASE, CACHED, RAN, FAILED, UNREACHED = "base", "cached", "ran", "failed", "unreached"


@dataclass(frozen=True)
class Step:
    """One step of a build: an instruction that may change files.

    Instructions that only change the configuration (ENV, CMD, LABEL, …) are no steps.

    Fields
    ------
    stage: name of its stage; ``stage-0``, ``stage-1``, … where the Dockerfile gives none.
    number: its place among the steps of the stage, from 1; 1 is FROM.
    instruction: as it stands in the Dockerfile, its lines joined; untrusted text.
    line: of the Dockerfile, from 1; the first line of the instruction.
    state: ``"base"`` (a FROM: nothing is done), ``"cached"``, ``"ran"``, ``"failed"``, or
        ``"unreached"`` (another step failed first, or no wanted stage needs it).
    start, duration: in seconds, ``start`` counted from the begin of the build; None if it did not
        run.
    inputs: ids of the steps whose result it uses, the one below it first.
    log: what its command wrote; untrusted text.
    error: the builder's words if it failed.
    """

    stage: str
    number: int
    instruction: str
    line: int
    state: State
    start: float | None = None
    duration: float | None = None
    inputs: tuple[str, ...] = ()
    log: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        """``build 3``: tells it from the other steps of its build."""
        return f"{self.stage} {self.number}"

    @property
    def word(self) -> str:
        """The instruction's first word: ``RUN``."""
        return self.instruction.split(None, 1)[0].upper() if self.instruction.strip() else ""


@dataclass(frozen=True)
class Trace:
    """Everything that one build did.

    Fields
    ------
    tag: the image's name.
    builder: ``"buildkit"`` or ``"classic"``.
    steps: in the order of the Dockerfile.
    seconds: from the begin of the build to its end.
    key: under which the course remembers this build; ``""`` if it does not.
    """

    tag: str
    builder: str
    steps: tuple[Step, ...]
    seconds: float = 0.0
    key: str = field(default="", compare=False)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def step(self, identifier: str) -> Step:
        """Return the step with this id (``"build 3"``); KeyError if there is none."""
        for step in self.steps:
            if step.id == identifier:
                return step
        raise KeyError(identifier)

    @property
    def stages(self) -> tuple[str, ...]:
        """The names of the stages, in order."""
        return tuple(dict.fromkeys(step.stage for step in self.steps))

    @property
    def cached(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.state == CACHED)

    @property
    def ran(self) -> tuple[Step, ...]:
        """The steps that ran, a failed one included."""
        return tuple(step for step in self.steps if step.state in (RAN, FAILED))

    def __str__(self) -> str:
        several = len(self.stages) > 1
        lines = [
            text("builds.trace.title", tag=self.tag, cached=len(self.cached), ran=len(self.ran))
        ]
        for step in self.steps:
            place = step.id if several else str(step.number)
            what = plain(" ".join(step.instruction.split()))
            lines.append(f"  {place}  {text(f'builds.state.{step.state}')}  {what}")
        return "\n".join(lines)

    __repr__ = __str__


@dataclass(frozen=True)
class Cause:
    """Why a step had to run.

    Fields
    ------
    kind: one of

        ``first``        no earlier build has made this step
        ``instruction``  the instruction's text changed; ``before`` and ``after`` hold it
        ``argument``     a build argument (or ARG default) changed; ``names`` holds which
        ``environment``  an ENV, USER, WORKDIR or SHELL above it changed; ``names`` holds which
        ``base``         the base image is another one; ``names`` holds its name
        ``files``        what it copies changed; ``files`` holds ``(path, how)`` pairs, ``how`` one
                         of ``"changed"``, ``"added"``, ``"removed"``, ``"mode"``
        ``stage``        what it copies out of a stage was made anew; ``names`` holds the stage
        ``ancestor``     a step that it stands on ran; ``names`` holds that step's id, ``after`` the
                         id as a learner sees it (the number alone where there is one stage)
        ``pruned``       the builder's record of it was removed
        ``no_cache``     the build was told not to use the cache
        ``inserted``     a step that was not there before
        ``moved``        the same step stood at another place before
        ``removed``      the step that it stood on is gone; ``before`` holds that one's text
        ``combination``  what it stands on came from the cache, but of another build than before
        ``unknown``      nothing that the course can see has changed
    names, files, before, after: see above. Untrusted text.
    """

    kind: str
    names: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        """One sentence in the notebook's language."""
        from .words import said  # the catalogue's sentences; kept out of the data

        return said(self)


@dataclass(frozen=True)
class Reason:
    """One step of the later build, and why it ran.

    Fields
    ------
    step: of the later build.
    cause: None for a step that did not run, or came from the cache.
    blame: whether this is a step to blame: it missed although everything it stands on was there.
        A step that ran only because one below it ran merely *follows*.
    """

    step: Step
    cause: Cause | None = None
    blame: bool = False

    @property
    def role(self) -> str:
        """``"hit"``, ``"blame"``, ``"follows"``, ``"base"`` or ``"unreached"``: how it is drawn."""
        if self.step.state == CACHED:
            return "hit"
        if self.step.state in (BASE, UNREACHED):
            return self.step.state
        return "blame" if self.blame else "follows"


@dataclass(frozen=True)
class Explanation:
    """Why each step of ``after`` came from the cache or ran; ``before`` is the build before."""

    before: Trace | None
    after: Trace
    reasons: tuple[Reason, ...]

    @property
    def blame(self) -> tuple[Reason, ...]:
        """The steps to blame, in the order of the Dockerfile."""
        return tuple(reason for reason in self.reasons if reason.blame)

    @property
    def hits(self) -> int:
        return sum(reason.role == "hit" for reason in self.reasons)

    @property
    def follows(self) -> int:
        return sum(reason.role == "follows" for reason in self.reasons)

    def of(self, identifier: str) -> Reason:
        """Return the reason of one step, by its id; KeyError if there is none."""
        for reason in self.reasons:
            if reason.step.id == identifier:
                return reason
        raise KeyError(identifier)

    def __str__(self) -> str:
        from .words import explanation

        return explanation(self)

    __repr__ = __str__


@dataclass(frozen=True)
class Forecast:
    """What is expected of one step, before anything is built.

    Fields
    ------
    step: as in a trace; its state is ``"cached"`` or ``"ran"`` as expected (or ``"base"``,
        ``"unreached"``).
    cause: why it is expected to run; None for a hit.
    blame: whether it would be a step to blame.
    sure: False where only a build can tell: the step copies what a step that runs again makes, and
        that may come out the same.
    """

    step: Step
    cause: Cause | None = None
    blame: bool = False
    sure: bool = True


@dataclass(frozen=True)
class Score:
    """A prediction held against the build. Counts of steps; a FROM is not counted."""

    right: int
    wrong: int
    missed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return text("builds.score.words", right=self.right, count=self.right + self.wrong)

    __repr__ = __str__


@dataclass(frozen=True)
class Prediction:
    """What a build would do now: one forecast a step, in the order of the Dockerfile."""

    forecasts: tuple[Forecast, ...]

    def __iter__(self) -> Iterator[Forecast]:
        return iter(self.forecasts)

    @property
    def hits(self) -> tuple[str, ...]:
        """The ids of the steps that will come from the cache."""
        return tuple(f.step.id for f in self.forecasts if f.step.state == CACHED)

    @property
    def runs(self) -> tuple[str, ...]:
        """The ids of the steps that will run."""
        return tuple(f.step.id for f in self.forecasts if f.step.state == RAN)

    def of(self, identifier: str) -> Forecast:
        """Return the forecast of one step, by its id; KeyError if there is none."""
        for forecast in self.forecasts:
            if forecast.step.id == identifier:
                return forecast
        raise KeyError(identifier)

    def held_against(self, trace: Trace) -> Score:
        """Compare with what the build really did."""
        wanted = {f.step.id: f.step.state for f in self.forecasts}
        told = {s.id: (RAN if s.state == FAILED else s.state) for s in trace.steps}
        counted = [i for i, state in told.items() if state in (CACHED, RAN)]
        wrong = tuple(i for i in counted if wanted.get(i) != told[i])
        return Score(len(counted) - len(wrong), len(wrong), wrong)

    def __str__(self) -> str:
        from .words import prediction

        return prediction(self)

    __repr__ = __str__
