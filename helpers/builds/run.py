"""Build an image as `docker build` does, and show the command that does the same."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import docker

from ..bases import MAKERS
from ..bases.archive import remove_if_unused
from ..engine import Engine, connect, journal, labels, talking
from ..engine.build_cache import records
from ..errors import BuildFailed, NotFound, NotOurs
from ..messages import text
from ..text import plain
from . import buildkit, classic
from .dockerfile import base_images, final_base
from .failure import Failure

__all__ = ["Build", "run"]

LIMIT = 900.0  # seconds for a whole build
# https://pkg.go.dev/github.com/distribution/reference: what may stand after `-t`
TAG = re.compile(r"[a-z0-9]+(?:(?:[._/:-]|__|-+)[a-z0-9]+)*(?::[\w][\w.-]{0,127})?", re.ASCII)


@runtime_checkable
class Context(Protocol):
    """A build context of a lesson, as `helpers.scenarios.start` returns it."""

    @property
    def lesson(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def shown(self) -> str: ...


@dataclass(frozen=True)
class Build:
    """An image that was built: its name, how many layers it has, which builder made it."""

    tag: str
    layers: int
    builder: str = field(repr=False)

    def _ipython_display_(self) -> None:
        """Show nothing below a cell: `run` has printed it."""

    def __str__(self) -> str:
        return text(f"builds.built.{_form(self.layers)}", tag=self.tag, count=self.layers)


def run(
    context: Context | Path | str,
    tag: str,
    engine: Engine | None = None,
    *,
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
    limit: seconds for the whole build.

    Raises
    ------
    BuildFailed: the failing line of the Dockerfile, and the end of that step's output.
    NotFound: no such folder, no Dockerfile in it, or a base image of the course that is not there.
    NotOurs: an image called ``tag`` exists that the course did not make.
    TimedOut: it was not built after ``limit`` seconds.
    EngineLost, NoSpace: as `helpers.engine.talking`.
    """
    engine = engine or connect()
    folder, shown, lesson = _parts(context)
    dockerfile = _dockerfile(folder, shown)
    if not TAG.fullmatch(tag):
        raise BuildFailed("builds.bad_tag", tag=tag)
    for base in base_images(dockerfile):
        _need(engine, base)
    marks = {} if _inherits(engine, dockerfile) else labels.make()
    flags = [f"--label={key}={value}" for key, value in marks.items()]
    print(f"{plain(shown)} $ {plain(shlex.join(['docker', 'build', '-t', tag, *flags, '.']))}")
    before = _image(engine, tag)
    known = records(engine)
    try:
        builder = buildkit if buildkit.available(engine) else classic
        marks = labels.make(lesson) if builder is buildkit else marks
        failure = builder.build(engine, folder, tag, marks, limit)
    finally:
        journal.record("build-cache", sorted(records(engine) - known), engine, lesson)
    if failure:
        raise _error(failure, shown)
    after = _image(engine, tag)
    if after is None:
        raise BuildFailed("builds.refused", reason="–", folder=shown)
    if before and before["Id"] != after["Id"]:
        remove_if_unused(engine, before["Id"])
    done = Build(tag, len(after["RootFS"].get("Layers") or []), builder.NAME)
    print(done)
    return done


def _form(count: int) -> str:
    return "one" if count == 1 else "many"


def _parts(context: Context | Path | str) -> tuple[Path, str, str | None]:
    """Return a context's folder, how it is shown, and its lesson."""
    if isinstance(context, Context) and not isinstance(context, Path):
        return context.folder, context.shown, context.lesson
    folder = Path(context).absolute()
    if not folder.is_dir():
        raise NotFound("builds.no_context", folder=context)
    here = Path.cwd()
    shown = folder.relative_to(here).as_posix() if folder.is_relative_to(here) else folder.name
    return folder, shown, None


def _dockerfile(folder: Path, shown: str) -> str:
    try:
        return (folder / "Dockerfile").read_text("utf-8", errors="replace")
    except OSError:
        raise NotFound("builds.no_dockerfile", folder=shown) from None


def _image(engine: Engine, name: str) -> dict | None:
    """Return what the daemon tells of the course's image ``name``, None if there is none."""
    with talking(engine):
        try:
            found = engine.client.api.inspect_image(name)
        except docker.errors.ImageNotFound:
            return None
    if not labels.ours((found.get("Config") or {}).get("Labels")):
        raise NotOurs("builds.not_ours", tag=name)
    return found


def _need(engine: Engine, base: str) -> None:
    """Make a base image of the course if it is missing; other images of it must be built first."""
    if not base.startswith("lbl/"):
        return
    if base in MAKERS:
        MAKERS[base](engine)
    elif _image(engine, base) is None:
        raise NotFound("builds.no_base", base=base)


def _inherits(engine: Engine, dockerfile: str) -> bool:
    """Whether the image will have the course's label from the image that it stands on."""
    base = final_base(dockerfile)
    if base is None:
        return False
    try:
        return _image(engine, base) is not None
    except NotOurs:
        return False


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
