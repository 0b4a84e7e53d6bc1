"""COPY of sources above a RUN that needs only a manifest file: copy that first, the rest below."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..dockerfile import Instruction, Stage
from ..expansion import words
from ..rewriting import Rewriting
from .commands import Needs, Place, needs
from .draft import Draft
from .litter import is_litter
from .sight import Landing, Sight, related

__all__ = ["find", "needs_of"]

# They change no file, so that a COPY may pass them if it uses no variable.
QUIET = {
    "ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "SHELL",
    "STOPSIGNAL", "USER",
}  # fmt: skip


@dataclass(frozen=True)
class _Copy:
    """A COPY that can be moved below a RUN, and the files that must be there before that."""

    step: Instruction
    landing: Landing
    manifests: tuple[str, ...]  # absolute paths

    @property
    def rest(self) -> tuple[str, ...]:
        """The files, by their path in the context, of which an edit runs nothing any more."""
        files = self.landing.files
        return tuple(sorted(files[path] for path in files if path not in self.manifests))


def find(sight: Sight) -> Iterator[Draft]:
    """Yield one suggestion for each stage in which a RUN can go up, past a COPY."""
    for stage in sight.needed:
        runs = [n for n, step in enumerate(stage.steps) if step.word == "RUN"]
        for last in reversed(runs):
            moved = _movable(sight, stage, last)
            if moved and (draft := _draft(sight, stage, last, moved)):
                yield draft
                break


def needs_of(sight: Sight, stage: Stage, number: int) -> Needs | None:
    """Return what the RUN at a place of a stage needs; None if that cannot be told."""
    step = stage.steps[number]
    if step.heredocs or not _usual(step) or not _usual_shell(stage, number):
        return None
    files: dict[str, str] = {}
    for above in stage.steps[:number]:
        if above.word == "COPY" and (landing := sight.landing(above)):
            files |= landing.files
    if step.exec_form is not None:
        return None
    return needs(step.rest, Place(sight.workdir(step), files, sight.text))


def _usual(step: Instruction) -> bool:
    """Whether its flags bring it nothing that lies in its way (a cache or a secret does not)."""
    kinds = [re.search(r"type=(\w+)", mount) for mount in step.all("mount")]
    known = all(kind and kind[1] in ("cache", "secret", "ssh", "tmpfs") for kind in kinds)
    return known and all(name == "mount" for name, _ in step.flags)


def _usual_shell(stage: Stage, number: int) -> bool:
    return not any(step.word == "SHELL" for step in stage.steps[:number])


def _movable(sight: Sight, stage: Stage, last: int) -> list[_Copy]:
    """Return the COPYs that can go below the RUN ``last``, and would better do so."""
    found: list[_Copy] = []
    passed: list[Landing] = []
    for number in range(last - 1, -1, -1):
        step = stage.steps[number]
        if step.word != "COPY" or step.flag("from"):
            continue
        landing = sight.landing(step)
        if landing is None:
            continue
        manifests = _past(sight, stage, number, last, landing, {one.step.line for one in found})
        if manifests is None:
            continue
        copy = _Copy(step, landing, tuple(sorted(manifests)))
        if copy.rest:
            found.append(copy)
            passed.append(landing)
    return found[::-1]


def _past(
    sight: Sight, stage: Stage, number: int, last: int, landing: Landing, moved: set[int]
) -> set[str] | None:
    """Return the files of a COPY that the RUNs below need; None if it cannot pass them."""
    step = stage.steps[number]
    target = words(step.rest)[-1]
    manifests: set[str] = set()
    for below in range(number + 1, last + 1):
        other = stage.steps[below]
        if other.word in QUIET:
            continue
        if other.word == "WORKDIR":
            # it makes a folder; and a relative target would be another one
            if not target.startswith("/"):
                return None
        elif other.word == "COPY":
            if other.line not in moved and not _apart(sight, other, landing):
                return None
        elif other.word == "RUN":
            need = needs_of(sight, stage, below)
            if need is None or need.writes & landing.files.keys():
                return None
            if any(related(path, file) for path in need.changes for file in landing.files):
                return None
            manifests |= need.reads & landing.files.keys()
        else:
            return None
    return manifests


def _apart(sight: Sight, other: Instruction, landing: Landing) -> bool:
    """Whether what another COPY writes has nothing to do with what this one writes."""
    if other.flag("from"):
        planned = sight.planned(other)
        if planned is None or "$" in other.text:
            return False
        into = words(other.rest)[-1]
        return into.startswith("/") and not any(related(into, file) for file in landing.files)
    lands = sight.landing(other)
    return lands is not None and not any(
        related(one, file) for one in lands.files for file in landing.files
    )


def _draft(sight: Sight, stage: Stage, last: int, moved: list[_Copy]) -> Draft | None:
    rewriting = Rewriting(sight.dockerfile)
    below = stage.steps[last].line
    for copy in moved:
        if copy.manifests:
            lines = _manifest_lines(copy)
            if lines is None:
                return None
            for line in lines:
                rewriting.insert_above(copy.step.line, line)
    for copy in reversed(moved):
        rewriting.move_below(copy.step.line, below)
    first = moved[0]
    names = sorted({copy.landing.files[path] for copy in moved for path in copy.manifests})
    between = stage.steps[stage.steps.index(first.step) + 1 : last + 1]
    slow = _slowest(sight, stage, between)
    values = {
        "copy": first.step.line, "run": slow.line, "last": below, "manifests": ", ".join(names),
    }  # fmt: skip
    key = "order.manifest" if names else "order.nothing"
    rest = [path for copy in moved for path in copy.rest if path not in names]
    among = tuple(path for path in rest if not is_litter(path, sight))
    if not among:
        return None  # it is better left out than moved
    files = {sight.asked.file: str(rewriting)}
    return Draft("order", first.step.line, (key,), values, files, among)


def _slowest(sight: Sight, stage: Stage, between: tuple[Instruction, ...]) -> Instruction:
    """Return the RUN to name: the first that installs something, else the first."""
    runs = [step for step in between if step.word == "RUN"]
    for step in runs:
        need = needs_of(sight, stage, stage.steps.index(step))
        if need and need.installs:
            return step
    return runs[0]


def _manifest_lines(copy: _Copy) -> list[str] | None:
    """Return the COPY instructions that bring the manifests alone to where they came before."""
    target = words(copy.step.rest)[-1]
    flags = [f"--{name}={value}" if value else f"--{name}" for name, value in copy.step.flags]
    folders: dict[str, list[str]] = {}
    for path in copy.manifests:
        source = copy.landing.files[path]
        if posixpath.basename(path) != posixpath.basename(source):
            return None
        if re.search(r"[\s*?\[\]\\$\"'#<]", source):
            return None
        folders.setdefault(posixpath.dirname(path), []).append(source)
    found = []
    for folder, sources in folders.items():
        into = f"{folder.rstrip('/')}/"
        if copy.landing.into.rstrip("/") == folder.rstrip("/"):
            into = target if target.endswith("/") or target in (".", "./") else f"{target}/"
            if into == "." and len(sources) > 1:
                into = "./"
        found.append(" ".join(["COPY", *flags, *sources, into]))
    return found
