"""Say before a build which steps will come from the cache and which will run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..contexts import snapshot
from ..engine import Engine, connect
from ..engine.build_cache import records
from . import buildkit, ledger
from .explain import causes
from .model import BASE, CACHED, RAN, UNREACHED, Forecast, Prediction, Step
from .plan import Planned
from .request import Context, Request, planned
from .syntax import check

__all__ = ["Edit", "predict"]


@dataclass(frozen=True)
class Edit:
    """One change to a file of a build context.

    Parameters
    ----------
    path: relative to the context, with ``/``.
    content: the new content; None leaves it as it is.
    mode: the new permission bits (``0o755``); None leaves them.
    remove: whether the file is deleted.
    """

    path: str
    content: str | bytes | None = None
    mode: int | None = None
    remove: bool = False


Change = Mapping[str, str | bytes | None] | Edit | Iterable[Edit] | None


def predict(
    context_: Context | Path | str,
    change: Change = None,
    *,
    engine: Engine | None = None,
    args: Mapping[str, str] | None = None,
    target: str | None = None,
    no_cache: bool = False,
    file: str = "Dockerfile",
) -> Prediction:
    """Say what a build of the context would do now, after the change; nothing is built.

    It goes by what the course remembers of its own builds on this engine, and by which of the
    builder's records are still there. These are the known exceptions, in which a build may do
    something else:

    * A RUN that runs again may write the same bytes as before. It is taken to write others: a step
      that copies them out of that stage is foretold to run, and is not ``sure``.
    * Which files of its stage a RUN writes is guessed from its words and its folder. A file that
      came there by COPY is taken to be left alone unless the command names it.
    * A step that copies out of an image (``COPY --from=IMAGE``) is foretold to run if anything in
      that image has changed; the builder looks at what is copied alone.
    * ``COPY --exclude`` and ``--parents``: a change to a file that they leave out counts.
    * What lies behind the address in ``ADD https://…`` is not looked at.
    * BuildKit overlooks new content of the same size with the same time of change, and does not
      look at extended attributes of files that it has seen.
    * Results that were made without the course, or brought in with ``cache_from``, are not known.
    * The builder may drop results between prediction and build when it runs out of space.

    Parameters
    ----------
    context_: what `scenarios.start` returned, or a folder with a ``Dockerfile``.
    change: an `Edit`, several, or a mapping of paths to new contents (None removes the file); the
        folder itself is not touched. The Dockerfile is a file like any other.
    args, target, no_cache, file: as for `helpers.builds.run`.

    Raises
    ------
    BuildFailed: the Dockerfile has a mistake; the message names the line.
    NotFound: no such folder, no Dockerfile in it.
    EngineLost: the daemon went away.
    """
    engine = engine or connect()
    asked = Request.of(context_, args=args, target=target, no_cache=no_cache, file=file)
    edits = _edits(change)
    dockerfile = _dockerfile(asked, edits)
    check(dockerfile, asked.shown)
    found = snapshot(asked.folder, asked.file)
    if edits:
        contents = {e.path: e.content for e in edits if e.content is not None}
        contents |= {e.path: None for e in edits if e.remove}
        modes = {e.path: e.mode for e in edits if e.mode is not None and not e.remove}
        found = found.overlay(contents, modes)
    classic = not buildkit.available(engine)
    plan = planned(engine, asked, found, dockerfile, classic=classic)
    states, gone = _states(plan.steps, engine, no_cache)
    before = ledger.last(engine, str(asked.folder), asked.file, asked.target or "")
    reasons = causes(plan.steps, states, before, no_cache, gone)
    return Prediction(tuple(_forecast(step, states, reasons) for step in plan.steps))


def _edits(change: Change) -> list[Edit]:
    if change is None:
        return []
    if isinstance(change, Edit):
        return [change]
    if isinstance(change, Mapping):
        return [Edit(path, value, remove=value is None) for path, value in change.items()]
    return list(change)


def _dockerfile(asked: Request, edits: list[Edit]) -> str:
    for edit in edits:
        if edit.path == asked.file and edit.content is not None:
            content = edit.content
            return content if isinstance(content, str) else content.decode(errors="replace")
    return asked.dockerfile


def _states(
    steps: tuple[Planned, ...], engine: Engine, no_cache: bool
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the state that each step is expected to end in, and the steps whose result is lost."""
    known = ledger.known(engine)
    present = records(engine)
    states: dict[str, str] = {}
    gone = []
    for step in steps:
        results = known.get(step.parts.key)
        if not step.needed:
            states[step.id] = UNREACHED
        elif step.base:
            states[step.id] = BASE
        elif ledger.lost(results, present):
            states[step.id] = RAN
            gone.append(step.id)
        else:
            states[step.id] = CACHED if results and not no_cache else RAN
    return states, tuple(gone)


def _forecast(step: Planned, states: Mapping[str, str], reasons: Mapping) -> Forecast:
    bare = Step(
        step.stage, step.number, step.instruction, step.line, states[step.id], inputs=step.inputs
    )
    cause, blame = reasons.get(step.id, (None, False))
    opaque = any(states.get(one[3]) == RAN for one in step.parts.stages)
    own = cause is not None and cause.kind not in ("stage", "ancestor")
    below = any(
        states.get(one) == RAN and one.rpartition(" ")[0] == step.stage for one in step.inputs
    )
    return Forecast(bare, cause, blame, sure=not (opaque and not own and not below))
