"""What lies in a stage, as far as it can be known without running anything.

`COPY --from=build /out /out` is matched by the *content* of ``/out``, not by how it was made. What
came into the stage by COPY is known; what a RUN wrote is not, so a RUN stands for everything that
it may have written.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

__all__ = ["Contents", "Written"]


@dataclass(frozen=True)
class Written:
    """What one step put into the file system of its stage.

    ``files`` maps absolute paths to marks of their content; None for a RUN, which may write
    anything. ``words`` is the command of a RUN, ``folder`` where it ran.
    """

    step: str
    key: str
    files: dict[str, str] | None = None
    words: str = ""
    folder: str = "/"


@dataclass
class Contents:
    """The steps of a stage that write, oldest first, and the image below them."""

    base: str
    written: list[Written] = field(default_factory=list)

    def copy(self) -> Contents:
        """Return the contents that a stage begins with which continues this one."""
        return Contents(self.base, list(self.written))

    def mark(self, path: str) -> tuple[list[str], str]:
        """Return marks of what lies at ``path``, and the id of the step that made it last.

        The list is the same for two builds if the same lies there, as far as this can be told; it
        may differ though the content is the same: a RUN that runs again may write the same bytes.
        """
        path = posixpath.normpath("/" + path.strip("/"))  # two slashes at the start would stay
        copied: dict[str, str] = {}
        copier = ""
        for step in self.written:
            if step.files is None:
                continue
            here = {p: m for p, m in step.files.items() if _within(p, path) or _within(path, p)}
            if here:
                copied |= here
                copier = step.step
        runs = [step for step in self.written if step.files is None]
        suspects = _suspects(runs, path, copied=path in copied)
        if not suspects and not copied:
            suspects = runs  # some RUN must have made it, if the base image does not hold it
        marks = [f"{p} {m}" for p, m in sorted(copied.items())]
        if suspects:
            return [*marks, suspects[-1].key], suspects[-1].step
        return marks or [self.base], copier


def _within(path: str, folder: str) -> bool:
    return folder == "/" or path == folder or path.startswith(f"{folder}/")


def _suspects(runs: list[Written], path: str, *, copied: bool) -> list[Written]:
    """Return the RUNs that are taken to have written at ``path``.

    Those that name the path, or something in it, or its name while they work in its folder, or that
    work inside it; if there are none, those that name its folder. A single file that came by COPY
    is taken to be left alone unless a command names it.
    """
    parent, name = posixpath.split(path)
    named = [run for run in runs if _names(run, path) or path == "/"]
    if copied:
        return named
    inside = [
        run
        for run in runs
        if (run.folder != "/" and _within(run.folder, path))
        or (run.folder == parent and _names(run, name))
    ]
    if named or inside:
        return [run for run in runs if run in named or run in inside]
    near = [run for run in runs if run.folder != "/" and _within(path, run.folder)]
    return near or [run for run in runs if parent != "/" and _names(run, parent)]


def _names(run: Written, path: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(path)}(?![\w.-])", run.words) is not None
