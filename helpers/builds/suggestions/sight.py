"""What suggestions are found in: a Dockerfile, its plan, and the files of the context."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ...contexts import Snapshot
from ...contexts.globs import wild
from ..dockerfile import Instruction, Stage, stages
from ..expansion import words
from ..plan import Plan, Planned
from ..request import Request

__all__ = ["TEXT", "Landing", "Sight", "related"]

TEXT = 1_000_000  # bytes of a file that is looked into


@dataclass(frozen=True)
class Landing:
    """Where a COPY puts files.

    Fields
    ------
    files: absolute path → path in the build context.
    into: the target, absolute.
    """

    files: Mapping[str, str]
    into: str


@dataclass(frozen=True)
class Sight:
    """One build as it is asked for; nothing of it is changed.

    Fields
    ------
    dockerfile: its text, line ends as they are.
    """

    asked: Request
    dockerfile: str
    snapshot: Snapshot
    plan: Plan
    memo: dict = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def stages(self) -> list[Stage]:
        return stages(self.dockerfile, self.asked.args)

    @cached_property
    def needed(self) -> list[Stage]:
        """The stages that are built."""
        wanted = {step.stage for step in self.plan.steps if step.needed}
        return [stage for stage in self.stages if stage.name in wanted]

    @cached_property
    def lineage(self) -> list[Stage]:
        """The wanted stage and those that it continues, the lowest first: the image's layers."""
        known = {stage.name: stage for stage in self.stages}
        known |= {str(stage.index): stage for stage in self.stages}
        found = [known.get((self.asked.target or "").lower(), self.stages[-1])]
        while found[0].of_stage:
            found.insert(0, known[found[0].of_stage])
        return found

    def planned(self, step: Instruction) -> Planned | None:
        """Return the step that an instruction is; None for one that changes no file."""
        if "lines" not in self.memo:
            self.memo["lines"] = {one.line: one for one in self.plan.steps}
        return self.memo["lines"].get(step.line)

    def workdir(self, step: Instruction) -> str:
        """Return the working directory of a RUN."""
        planned = self.planned(step)
        return dict(planned.parts.environment).get("@WORKDIR", "/") if planned else "/"

    def user(self, step: Instruction) -> str:
        """Return the user of a RUN."""
        planned = self.planned(step)
        return dict(planned.parts.environment).get("@USER", "") if planned else ""

    def text(self, path: str) -> str | None:
        """Return the text of a file of the context; None for what is no text, or too large."""
        texts = self.memo.setdefault("texts", {})
        if path not in texts:
            texts[path] = self._text(path)
        return texts[path]

    def _text(self, path: str) -> str | None:
        entry = self.snapshot.files.get(path)
        if entry is None or entry.kind != "file" or entry.size > TEXT:
            return None
        try:
            data = (self.asked.folder / path).read_bytes()
            return None if b"\0" in data else data.decode()
        except (OSError, UnicodeDecodeError):
            return None

    @cached_property
    def copied(self) -> dict[str, list[tuple[str, Instruction]]]:
        """The files that steps take out of the context: path → the sources that take it."""
        found: dict[str, list[tuple[str, Instruction]]] = {}
        for stage in self.needed:
            for step in stage.steps:
                for source in _sources(step):
                    for path in self.snapshot.select(source):
                        if self.snapshot.files[path].kind != "dir":
                            found.setdefault(path, []).append((source, step))
        return found

    def landing(self, step: Instruction) -> Landing | None:
        """Return where a COPY out of the context puts files; None if that is not certain."""
        planned = self.planned(step)
        odd = {name for name, _ in step.flags} - {"chown", "chmod", "link"}
        if step.word != "COPY" or planned is None or odd or step.heredocs:
            return None
        parts = step.exec_form or words(step.rest)
        if "$" in step.text or "://" in step.text or step.exec_form or len(parts) < 2:
            return None
        into = json.loads(planned.parts.does)[2]
        found: dict[str, str] = {}
        for source in parts[:-1]:
            for path, where in self._lands(source, into, len(parts) > 2):
                found[where] = path
        return Landing(found, into)

    def _lands(self, source: str, into: str, several: bool) -> list[tuple[str, str]]:
        top = posixpath.normpath("/" + source).strip("/")
        found = []
        for path in self.snapshot.select(source):
            if self.snapshot.files[path].kind == "dir":
                continue
            if wild(source):
                stem = next(m for m in _parents(path) if m in set(self._matched(source)))
                folder = self.snapshot.files[stem].kind == "dir"
                inside = path[len(stem) + 1 :] if folder else posixpath.basename(path)
                found.append((path, posixpath.join(into, inside)))
            elif path == top:
                name = posixpath.basename(path) if into.endswith("/") or several else ""
                found.append((path, posixpath.join(into, name).rstrip("/")))
            else:
                inside = path[len(top) :].lstrip("/") if top else path
                found.append((path, posixpath.join(into, inside)))
        return found

    def _matched(self, source: str) -> list[str]:
        from ...contexts.globs import clean, matcher

        matches = matcher(clean(f"/{source}")[1:]).fullmatch
        return [path for path in self.snapshot.files if matches(path)]

    def mentions(self, name: str, but: set[str]) -> bool:
        """Whether a text that is copied, or an instruction, names a file; ``but`` not looked at."""
        pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])")
        for stage in self.needed:
            if any(pattern.search(_whole(step)) for step in stage.steps if step.word != "LABEL"):
                return True
        return any(
            (text := self.text(path)) is not None and pattern.search(text)
            for path in self.copied
            if path not in but
        )


def related(one: str, other: str) -> bool:
    """Whether two absolute paths are the same, or one is a folder above the other."""
    one, other = one.rstrip("/"), other.rstrip("/")
    return one == other or f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _whole(step: Instruction) -> str:
    return "\n".join([step.text, *(each.content for each in step.heredocs)])


def _sources(step: Instruction) -> list[str]:
    """Return the sources of a COPY or ADD out of the context, as far as they are plain words."""
    if step.word not in ("COPY", "ADD") or step.flag("from"):
        return []
    parts = step.exec_form or words(step.rest)
    return [word for word in parts[:-1] if "://" not in word and not word.startswith("<<")]


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
