"""Advice on a Dockerfile as plain data: what to change, and what that was measured to bring."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..messages import text
from ..text import escape, plain, size

if TYPE_CHECKING:
    from ..scenarios import Scenario

__all__ = ["Advice", "Advices", "Cost", "Measured", "Point"]


@dataclass(frozen=True)
class Cost:
    """What one way to build costs.

    Fields
    ------
    size: bytes of file content of the image's layers, the same on every engine: a file that a step
        writes again just as it was is not counted again.
    seconds: that the rebuild after the edit took; differs from run to run.
    steps: that ran in this rebuild.
    context, files: bytes and number of the files in the build context, the ignore file left out.
    """

    size: int
    seconds: float
    steps: int
    context: int
    files: int


@dataclass(frozen=True)
class Measured:
    """The costs before and after the change; both rebuilds followed the same edit.

    ``edited`` names what was edited: a file, or a variable that got another value; ``""`` if
    nothing was.
    """

    before: Cost
    after: Cost
    edited: str = ""

    def rows(self, context: bool = True) -> list[str]:
        """Return what was measured, one sentence a row, what was edited first."""
        before, after = self.before, self.after
        seconds = [
            text("builds.advice.seconds", seconds=f"{c.seconds:.1f}") for c in (before, after)
        ]
        key = "edited" if self.edited else "unedited"
        rows = [
            text(f"builds.advice.{key}", name=self.edited),
            _line("steps", before.steps, after.steps),
            _line("rebuild", *seconds),
            _sizes("size", before.size, after.size),
        ]
        files = _line("files", before.files, after.files)
        return [*rows, _sizes("context", before.context, after.context), files] if context else rows

    def __str__(self) -> str:
        return "\n".join(self.rows())

    __repr__ = __str__


class Point(NamedTuple):
    """One way to build an image, for `helpers.figures.tradeoff`, which says what the fields are."""

    name: str
    size: int
    seconds: float
    steps: int


@dataclass(frozen=True)
class Advice:
    """One change to a build, and what it was measured to bring.

    Fields
    ------
    kind: ``"order"``, ``"ignore"``, ``"clean-up"`` or ``"stages"``.
    line: of the Dockerfile, from 1: where the matter is.
    files: the new text of each file that changes, by its path in the context.
    measured: the costs before and after.
    originals: the text of these files as it is; None for one that is new.
    tag: how the image is called, for `points`; ``""`` if nobody said.
    said, values: what `words` says.
    """

    kind: str
    line: int
    files: Mapping[str, str]
    measured: Measured
    originals: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    tag: str = ""
    said: tuple[str, ...] = field(default=(), repr=False)
    values: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def words(self) -> str:
        """What is wrong and what to do, in the notebook's language."""
        values = {
            name: text("builds.and_so_on").join(map(plain, value)) if _many(value) else value
            for name, value in self.values.items()
        }
        one, *others = (text(f"builds.advice.{key}", **values) for key in self.said)
        for other in others:
            one = text("builds.advice.both", one=one, other=other)
        return one

    @property
    def gain(self) -> bool:
        """Whether the change was measured to be better in what it is about."""
        before, after = self.measured.before, self.measured.after
        if self.kind == "order":
            return after.steps < before.steps
        if self.kind == "ignore":
            return after.files < before.files
        return after.size < before.size

    @property
    def points(self) -> tuple[Point, Point]:
        """Before and after, for ``figures.tradeoff(*advice.points)``."""
        before, after = self.measured.before, self.measured.after
        names = self.tag or text("builds.advice.before"), text(f"builds.advice.kind.{self.kind}")
        return (
            Point(names[0], before.size, before.seconds, before.steps),
            Point(names[1], after.size, after.seconds, after.steps),
        )

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """What changes in each file: its path, and lines with ``-``, ``+`` or a blank in front."""
        return tuple((path, self._difference(path)) for path in self.files)

    def _difference(self, path: str) -> str:
        before = (self.originals.get(path) or "").splitlines()
        after = self.files[path].splitlines()
        rows = list(difflib.unified_diff(before, after, n=1, lineterm=""))[2:]
        return "\n".join(row for row in rows if not row.startswith("@@"))

    def apply(self, scenario: Scenario) -> None:
        """Write the changed files into a scenario's context; its next start takes them back.

        Ask for advice anew before another one is applied: each is a change of the same originals.
        """
        from ..bases.archive import room
        from ..scenarios.restore import note_written  # scenarios need builds to be there first

        for name, content in self.files.items():
            path: Path = scenario.folder / name
            if path.is_file():
                scenario.write(name, content)
                continue
            with room(scenario.folder):
                path.write_text(content, "utf-8")
                note_written(scenario.folder, path)

    def _rows(self) -> list[str]:
        # the Dockerfile is in the context: another one alone is no news
        return self.measured.rows(context=self.kind == "ignore")

    @property
    def title(self) -> str:
        """``Order, line 3``."""
        kind = text(f"builds.advice.kind.{self.kind}")
        return text("builds.advice.title", kind=kind, line=self.line)

    def __str__(self) -> str:
        rows = [self.title, _indented(self.words)]
        for path, difference in self.changes:
            rows += [f"  {plain(path)}:", _indented(plain(difference), 4)]
        first, *rest = self._rows()
        return "\n".join([*rows, f"  {plain(first)}", *(f"    {plain(row)}" for row in rest)])

    __repr__ = __str__

    def _html(self) -> str:
        parts = [f"<p><b>{escape(self.title)}</b><br>{escape(self.words)}</p>"]
        for path, difference in self.changes:
            parts.append(f"<p>{escape(path)}</p><pre>{escape(difference)}</pre>")
        first, *rest = self._rows()
        rows = "".join(f"<li>{escape(row)}</li>" for row in rest)
        return "".join([*parts, f"<p>{escape(first)}</p><ul>{rows}</ul>"])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._html()}


class Advices(tuple[Advice, ...]):
    """What was found, each measured and better than before; a tuple of `Advice`.

    ``without_gain`` holds the changes that were measured and brought nothing.
    """

    without_gain: tuple[Advice, ...]

    def __new__(cls, found: Iterable[Advice] = (), without_gain: Iterable[Advice] = ()) -> Advices:
        made = super().__new__(cls, found)
        made.without_gain = tuple(without_gain)
        return made

    def _head(self) -> str:
        form = {0: "none", 1: "one"}.get(len(self), "many")
        return text(f"builds.advice.found.{form}", count=len(self))

    def _tail(self) -> list[str]:
        return [text("builds.advice.no_gain", title=one.title) for one in self.without_gain]

    def __str__(self) -> str:
        return "\n\n".join([self._head(), *map(str, self), *self._tail()])

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        tail = [f"<p>{escape(row)}</p>" for row in self._tail()]
        parts = [f"<p>{escape(self._head())}</p>", *(one._html() for one in self), *tail]
        return {"text/plain": str(self), "text/html": "".join(parts)}


def _many(value: object) -> bool:
    return isinstance(value, tuple)


def _indented(block: str, by: int = 2) -> str:
    return "\n".join(f"{' ' * by}{row}" for row in block.splitlines())


def _sizes(key: str, before: int, after: int) -> str:
    """Return a row for two sizes; with the difference where three digits would not show it."""
    if before == after or size(before) != size(after):
        return _line(key, size(before), size(after))
    form = "more" if after > before else "less"
    return text(f"builds.advice.{key}_{form}", value=size(after), bytes=f"{abs(after - before):,}")


def _line(key: str, before: object, after: object) -> str:
    if before == after and key != "rebuild":
        return text(f"builds.advice.{key}_same", value=after)
    return text(f"builds.advice.{key}", before=before, after=after)
