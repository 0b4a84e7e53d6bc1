"""``.dockerignore``: what of a folder does not belong to the build context, as BuildKit sees it.

The rules are those of github.com/moby/patternmatcher (how a pattern matches) and of
github.com/tonistiigi/fsutil, ``filter.go`` (how the client walks the folder). Two of them surprise:

* A pattern is a regular expression in disguise: ``**`` also crosses no ``/`` at all, and what Go's
  ``filepath.Match`` lets pass can still be refused as an expression.
* A folder hands its matches down. Of ``a/b`` and ``!a``, the exception never comes to bear on
  ``a/b``: it is asked about ``a``, which nothing had left out, and not asked again.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

from ..errors import BuildFailed
from .globs import BadPattern, clean, matcher
from .patterns import compiled, expression

__all__ = ["NAME", "Ignore", "State"]

NAME = ".dockerignore"
State = tuple[bool, ...]  # for each run of patterns: whether it matched a folder above


@dataclass(frozen=True)
class Pattern:
    """One line: its number in the file (from 1), the cleaned pattern, whether it begins with !."""

    line: int
    text: str
    exception: bool


@dataclass(frozen=True)
class _Run:
    """Patterns that follow each other and are all exceptions, or all none: one expression."""

    patterns: Sequence[Pattern]
    file: str

    @property
    def exception(self) -> bool:
        return self.patterns[0].exception

    @cached_property
    def matches(self) -> Callable[[str], object]:
        parts = []
        for each in self.patterns:
            try:
                parts.append(compiled(expression(each.text)).pattern)
            except re.error:
                raise _bad(self.file, each) from None
        return compiled("|".join(f"(?:{part})" for part in parts)).fullmatch


@dataclass(frozen=True)
class Ignore:
    """The rules of one ignore file; without a pattern, nothing is left out.

    Fields
    ------
    patterns: in the order of the file.
    file: the name of the file, ``""`` if there is none.
    """

    patterns: tuple[Pattern, ...] = ()
    file: str = field(default="", compare=False)

    @classmethod
    def of(cls, folder: Path, dockerfile: str = "Dockerfile") -> Ignore:
        """Return the rules for a build of ``folder``.

        ``<Dockerfile>.dockerignore`` counts instead of ``.dockerignore``, even if it is empty.

        Raises
        ------
        BuildFailed: a pattern is malformed; the message names file and line.
        """

        def read(name: str) -> bytes | None:
            with contextlib.suppress(OSError):
                return (folder / name).read_bytes()
            return None

        return cls.chosen(read, dockerfile)

    @classmethod
    def chosen(cls, read: Callable[[str], bytes | None], dockerfile: str = "Dockerfile") -> Ignore:
        """As `of`; ``read`` returns what a file of the context holds, None if it is missing."""
        for name in cls.files(dockerfile):
            if (content := read(name)) is not None:
                return cls.parse(os.fsdecode(content), name)
        return cls()

    @staticmethod
    def files(dockerfile: str = "Dockerfile") -> tuple[str, str]:
        """The names of the two files that can hold the rules, the stronger one first."""
        return f"{clean(dockerfile)}{NAME}", NAME

    @classmethod
    def parse(cls, text: str, file: str = NAME) -> Ignore:
        """Return the rules that ``text`` holds.

        Raises
        ------
        BuildFailed: a pattern is malformed; the message names file and line.
        """
        found = []
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
            if line.startswith("#") or not (pattern := line.strip()):
                continue
            exception = pattern.startswith("!")
            pattern = pattern[exception:].strip()
            if pattern:
                pattern = clean(pattern)
            if len(pattern) > 1:
                pattern = pattern.removeprefix("/")
            each = Pattern(number, pattern, exception)
            if pattern in ("", "/") and exception:
                raise _bad(file, each)
            with _blaming(file, each):
                matcher(pattern)
            found.append(each)
        return cls(tuple(found), file)

    def __bool__(self) -> bool:
        return bool(self.patterns)

    @cached_property
    def _runs(self) -> tuple[_Run, ...]:
        groups = groupby(self.patterns, key=lambda each: each.exception)
        return tuple(_Run(tuple(group), self.file) for _, group in groups)

    @property
    def start(self) -> State:
        """The state above the context's first level, for `enter`."""
        return (False,) * len(self._runs)

    def enter(self, path: str, above: State) -> tuple[bool, State]:
        """Return whether ``path`` is left out, and the state for what lies in it.

        Parameters
        ----------
        path: relative to the context, with ``/``.
        above: the state of the folder that ``path`` lies in; `start` for the first level.
        """
        out, state = False, []
        for run, inherited in zip(self._runs, above, strict=True):
            hit = inherited or (run.exception == out and run.matches(path) is not None)
            if hit:
                out = not run.exception
            state.append(hit)
        return out, tuple(state)

    @cached_property
    def simple(self) -> Callable[[str], object] | None:
        """If there is no exception, what leaves a path out, those above it not considered."""
        return self._runs[0].matches if self._exceptions == () and self._runs else None

    def closed(self, path: str) -> bool:
        """Whether nothing in the folder ``path``, which is left out, can be an exception."""
        if self._exceptions is None:
            return False
        return not any(stem.startswith(f"{path}/") for stem in self._exceptions)

    @cached_property
    def _exceptions(self) -> tuple[str, ...] | None:
        """The exceptions, each with ``/`` at its end; None if one holds a wildcard."""
        stems = []
        for each in self.patterns:
            if each.exception:
                stem = each.text.removesuffix("/**").removesuffix("/*")
                if re.search(r"[][*?^\\]", stem):
                    return None
                stems.append(f"{stem}/")
        return tuple(stems)

    def excludes(self, path: str, is_dir: bool = False) -> bool:
        """Whether ``path`` is left out, the folders above it considered.

        A folder that is left out is still sent if something in it is not. ``is_dir`` changes
        nothing: a pattern does not tell files from folders (a ``/`` at its end is dropped).
        """
        if not self.patterns:
            return False
        out, state, parts = False, self.start, path.split("/")
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            out, state = self.enter(here, state)
            if out and depth < len(parts) and self.closed(here):
                return True
        return out


def _bad(file: str, pattern: Pattern) -> BuildFailed:
    shown = f"{'!' if pattern.exception else ''}{pattern.text}"
    return BuildFailed("contexts.bad_pattern", file=file, line=pattern.line, pattern=shown)


@contextlib.contextmanager
def _blaming(file: str, pattern: Pattern):
    try:
        yield
    except BadPattern:
        raise _bad(file, pattern) from None
