"""A build context to be edited and built again and again: what the build editor works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine import Engine, connect
from ..errors import CourseError
from . import buildkit, ledger
from .explain import explain
from .hearing import heard
from .live import listening
from .model import UNREACHED, Step, Trace
from .predict import predict
from .rounds import Follower, Round, read_steps
from .run import run

if TYPE_CHECKING:
    from ..scenarios import Scenario

__all__ = ["Workbench", "workbench"]

DOCKERFILE = "Dockerfile"
MOST = 100_000  # bytes of a file that is offered for editing: a learner reads it
LIMIT = 300.0  # seconds for a build; nobody can interrupt it as a cell
# What editors and Python leave behind: no part of a context.
LITTER = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}


class Workbench:
    """A scenario's context that is edited, foretold, built and explained, round by round.

    Parameters
    ----------
    scenario: what `helpers.scenarios.start` returned; its next start takes every edit back.
    tag: the image's name.
    engine: where to build; default: the one that `engine.connect` finds.
    limit: seconds for one build.
    """

    def __init__(
        self, scenario: Scenario, tag: str, engine: Engine | None = None, limit: float = LIMIT
    ) -> None:
        self.scenario, self.tag, self.limit = scenario, tag, limit
        self._engine = engine
        self._before: Trace | None = None
        self._kept: list[str] = []  # what was said about files of the learner's

    def files(self) -> dict[str, str]:
        """Return the text files of the context as they are now, the Dockerfile first."""
        folder = self.scenario.folder
        paths = sorted(p for p in folder.rglob("*") if _offered(p.relative_to(folder), p))
        names = {path.relative_to(folder).as_posix(): path for path in paths}
        found = {name: _text(names[name]) for name in sorted(names, key=_first)}
        return {name: content for name, content in found.items() if content is not None}

    def steps(self, files: Mapping[str, str]) -> tuple[Step, ...]:
        """Return the steps of these files' Dockerfile.

        Raises
        ------
        BuildFailed: it has a mistake; the message names the line.
        """
        classic = not buildkit.available(self._engine or connect())
        return read_steps(files.get(DOCKERFILE, ""), self.scenario.shown, classic=classic)

    def write(self, name: str, content: str) -> None:
        """Give a file another text. What a learner had made of it elsewhere is kept and said."""
        with heard() as words:
            self.scenario.write(name, content)
        self._kept += words.getvalue().splitlines()

    def reset(self, name: str) -> str:
        """Give a file the text that the course ships, and return it."""
        from ..scenarios.shipped import find  # scenarios need builds to be there first

        content = (find(self.scenario.name).folder / name).read_text("utf-8")
        self.write(name, content)
        return content

    def build(self, report: Callable[[str, str], None] = lambda step, state: None) -> Round:
        """Build the context as it is; a build that fails is a round, too.

        Parameters
        ----------
        report: is called with a step's id and ``"running"``, ``"cached"``, ``"ran"`` or
            ``"failed"`` while the build goes on.

        Raises
        ------
        CourseError: what is no failure of the build: no daemon, for example.
        """
        engine = self._engine or connect()
        folder = self.scenario.folder
        dockerfile = _text(folder / DOCKERFILE) or ""
        before = _remembered(engine, folder) or self._before
        try:
            prediction = predict(self.scenario, engine=engine)
        except CourseError:  # a Dockerfile with a mistake: the builder is to say it
            prediction = None
        error: CourseError | None = None
        trace: Trace | None = None
        with heard() as words, listening(Follower(dockerfile, report)):
            try:
                trace = run(self.scenario, self.tag, engine, limit=self.limit).trace
            except CourseError as raised:
                error, trace = raised, getattr(raised, "trace", None)
        said, self._kept = (*self._kept, *words.getvalue().splitlines()), []
        trace = trace if trace and _got_somewhere(trace) else None
        explanation = explain(before, trace, engine) if trace else None
        self._before = trace or before
        return Round(trace, explanation, prediction, error, said)


def workbench(
    scenario: Scenario, tag: str, engine: Engine | None = None, limit: float = LIMIT
) -> Workbench:
    """Return a bench for `helpers.widgets.build_editor`; parameters as for `Workbench`."""
    return Workbench(scenario, tag, engine, limit)


def _offered(name: Path, path: Path) -> bool:
    hidden = LITTER.intersection(name.parts)
    return not hidden and path.is_file() and not path.is_symlink()


def _first(name: str) -> tuple[bool, str]:
    return name != DOCKERFILE, name


def _text(path: Path) -> str | None:
    """Return a file's text; None for what is no text, or too long to be read by anybody."""
    try:
        data = path.read_bytes()
        return data.decode("utf-8") if len(data) <= MOST and b"\0" not in data else None
    except (OSError, UnicodeDecodeError):
        return None


def _got_somewhere(trace: Trace) -> bool:
    """Whether a step was done; a Dockerfile with a mistake says nothing about the build before."""
    return bool(trace.cached or trace.ran)


def _remembered(engine: Engine, folder: Path) -> Trace | None:
    """Return the last build of this context, whoever asked for it; None if it got nowhere."""
    kept = ledger.last(engine, str(folder), DOCKERFILE)
    if kept is None:
        return None
    steps = tuple(
        Step(
            one.stage, one.number, one.instruction, one.line,
            kept.states.get(one.id, UNREACHED), inputs=one.inputs,
        )
        for one in kept.steps
    )  # fmt: skip
    trace = Trace("", kept.builder, steps, key=kept.key)
    return trace if _got_somewhere(trace) else None
