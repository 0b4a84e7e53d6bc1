"""Build an image as `docker build` does, trace what happened, and show the command that does it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..bases import MAKERS
from ..bases.archive import remove_if_unused
from ..contexts import snapshot
from ..engine import Engine, build_cache, clock, connect, journal, labels
from ..engine.own import own_image
from ..errors import BuildFailed, NotFound, NotOurs
from ..messages import text
from ..text import plain
from . import assembly, buildkit, classic, ledger
from .dockerfile import base_images, final_base
from .failure import Failure, of_buildkit, of_classic
from .ledger import Kept
from .live import Live
from .model import FAILED, Trace
from .plan import Plan
from .request import Context, Request, planned

__all__ = ["Build", "run"]

LIMIT = 900.0  # seconds for a whole build
LONGEST = 255  # characters of an image's name
# https://pkg.go.dev/github.com/distribution/reference: what may stand after `-t`
_HOST = r"(?:[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d+)?/)?"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
TAG = re.compile(rf"{_HOST}{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?", re.ASCII)


@dataclass(frozen=True)
class Build:
    """An image that was built: its name, how many layers it has, and what the build did.

    ``trace`` tells each step; ``builder`` is ``"buildkit"`` or ``"classic"``.
    """

    tag: str
    layers: int
    builder: str = field(repr=False)
    trace: Trace = field(repr=False, compare=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `run` has printed it."""

    def __str__(self) -> str:
        return text(f"builds.built.{_form(self.layers)}", tag=self.tag, count=self.layers)


def run(
    context: Context | Path | str,
    tag: str,
    engine: Engine | None = None,
    *,
    args: Mapping[str, str] | None = None,
    target: str | None = None,
    no_cache: bool = False,
    file: str = "Dockerfile",
    secrets: Mapping[str, str] | None = None,
    cache_to: str | tuple[str, ...] = (),
    cache_from: str | tuple[str, ...] = (),
    limit: float = LIMIT,
) -> Build:
    """Build the image ``tag`` out of a context; print the `docker build` line and the outcome.

    BuildKit is used through the docker client where that and buildx are at hand, else the classic
    builder through the SDK. The image carries the labels of the course: it has them from its base
    image, so that the command as printed makes the same; only where the last stage stands on no
    image of the course is ``--label`` part of that command. With BuildKit the lesson's label is
    added too, which makes no step. The image that had the name before is removed if nothing stands
    on it.

    Parameters
    ----------
    context: what `scenarios.start` returned, or a folder with a ``Dockerfile``.
    args: build arguments (``--build-arg``).
    target: the stage to build; default: the last.
    no_cache: run every step, whatever the cache holds.
    file: the Dockerfile, relative to the context.
    secrets: ``id`` → file, for ``RUN --mount=type=secret``; relative to the context.
    cache_to, cache_from: where a cache is exported to and imported from, as the options of the same
        name take it (``"type=inline"``, ``"type=registry,ref=…"``, ``"type=local,dest=…"``).
    limit: seconds for the whole build.

    Raises
    ------
    BuildFailed: the failing line of the Dockerfile, and the end of that step's output; its
        ``trace`` tells the steps that were done.
    NotFound: no such folder, no Dockerfile in it, or a base image of the course that is not there.
    NotOurs: an image called ``tag`` exists that the course did not make.
    TimedOut: it was not built after ``limit`` seconds.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    asked = Request.of(
        context, args=args, target=target, no_cache=no_cache, file=file, secrets=secrets,
        cache_to=_several(cache_to), cache_from=_several(cache_from),
    )  # fmt: skip
    dockerfile = asked.dockerfile
    if len(tag) > LONGEST or not TAG.fullmatch(tag):
        raise BuildFailed("builds.bad_tag", tag=tag)
    for base in base_images(dockerfile, asked.args):
        _need(engine, base)
    marks = {} if _inherits(engine, dockerfile, asked) else labels.make()
    _say(asked, tag, marks)
    before = own_image(engine, tag)
    builder = buildkit if buildkit.available(engine) else classic
    if builder is buildkit:
        marks = labels.make(asked.lesson)
    records, began = build_cache.records(engine), clock.now(engine)
    look = _Look(engine, asked, dockerfile, builder is classic)
    try:
        with Live() as live:
            outcome = builder.build(
                engine, asked, tag, marks, limit, meanwhile=look.take, tell=live.tell
            )
    finally:
        new = build_cache.new(engine, records, began, imported=bool(asked.cache_from))
        journal.record("build-cache", sorted(new), engine, asked.lesson)
    trace = _trace(engine, asked, tag, look, outcome, records, new)
    if not outcome.ok:
        error = _error(_failure(outcome, dockerfile, trace), asked.shown)
        error.trace = trace
        raise error
    after = own_image(engine, tag)
    if after is None:
        raise BuildFailed("builds.refused", reason="–", folder=asked.shown)
    if before and before["Id"] != after["Id"]:
        remove_if_unused(engine, before["Id"])
    done = Build(tag, len(after["RootFS"].get("Layers") or []), builder.NAME, trace)
    print(done)
    return done


class _Look:
    """What is looked at while the client starts: the context, and with it the plan of the build."""

    def __init__(self, engine: Engine, asked: Request, dockerfile: str, classic: bool) -> None:
        self.engine, self.asked, self.dockerfile, self.classic = engine, asked, dockerfile, classic
        self.plan = Plan(())

    def take(self) -> None:
        found = snapshot(self.asked.folder, self.asked.file, warn=print)
        self.plan = planned(self.engine, self.asked, found, self.dockerfile, classic=self.classic)


def _trace(
    engine: Engine,
    asked: Request,
    tag: str,
    look: _Look,
    outcome: buildkit.Outcome | classic.Outcome,
    records: Collection[str],
    new: Mapping[str, str],
) -> Trace:
    """Join plan and outcome, and remember the build."""
    plan = look.plan
    steps = assembly.steps_of(plan, outcome, look.dockerfile)
    known = ledger.known(engine)
    made, builder = {}, classic.NAME
    gone: tuple[str, ...] = ()
    if isinstance(outcome, buildkit.Outcome):
        builder = buildkit.NAME
        made = assembly.records_of(plan, steps, new, assembly.vertices(plan, outcome))
        gone = tuple(s.id for s in plan.steps if ledger.lost(known.get(s.parts.key), records))
        seconds = outcome.progress.seconds
    else:
        seconds = outcome.steps[-1].ended if outcome.steps else 0.0
    key = ledger.fresh_key(engine)
    ledger.keep(
        engine,
        Kept(
            key, str(asked.folder), asked.file, asked.target or "", asked.lesson or "", builder,
            asked.no_cache, plan.steps, {step.id: step.state for step in steps}, made, gone,
        ),
    )  # fmt: skip
    return Trace(tag, builder, steps, seconds, key)


def _form(count: int) -> str:
    return "one" if count == 1 else "many"


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _say(asked: Request, tag: str, marks: Mapping[str, str]) -> None:
    flags = [f"--label={key}={value}" for key, value in marks.items()]
    command = shlex.join(["docker", "build", "-t", tag, *asked.flags(), *flags, "."])
    print(f"{plain(asked.shown)} $ {plain(command)}")


def _need(engine: Engine, base: str) -> None:
    """Make a base image of the course if it is missing; other images of it must be built first."""
    if not base.startswith("lbl/"):
        return
    if base in MAKERS:
        MAKERS[base](engine)
    elif own_image(engine, base) is None:
        raise NotFound("builds.no_base", base=base)


def _inherits(engine: Engine, dockerfile: str, asked: Request) -> bool:
    """Whether the image will have the course's label from the image that it stands on."""
    base = final_base(dockerfile, asked.args, asked.target)
    if base is None:
        return False
    try:
        return own_image(engine, base) is not None
    except NotOurs:
        return False


def _failure(outcome: buildkit.Outcome | classic.Outcome, dockerfile: str, trace: Trace) -> Failure:
    if isinstance(outcome, classic.Outcome):
        return of_classic(outcome.log, outcome.error, dockerfile)
    written = next((step.log for step in trace.steps if step.state == FAILED), "")
    return of_buildkit(outcome.words, dockerfile, written)


def _error(failure: Failure, shown: str) -> BuildFailed:
    values = {
        "line": failure.line or 0,
        "instruction": failure.instruction,
        "folder": shown,
        "tail": failure.tail or text("builds.no_output"),
        "reason": failure.reason,
    }
    if failure.line is None:
        return BuildFailed("builds.refused", **values)
    if failure.missing:
        return BuildFailed("builds.missing_file", file=failure.missing, **values)
    if failure.exit_code is not None:
        return BuildFailed("builds.command", code=failure.exit_code, **values)
    return BuildFailed("builds.line", **values)
