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
        path = posixpath.normpath("/" + path)
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
        exact = path in copied
        suspects = [step for step in runs if _may_write(step, path, exact)]
        if not suspects and not copied:
            suspects = runs  # some RUN must have made it, if the base image does not hold it
        marks = [f"{p} {m}" for p, m in sorted(copied.items())]
        if suspects:
            return [*marks, suspects[-1].key], suspects[-1].step
        return marks or [self.base], copier


def _within(path: str, folder: str) -> bool:
    return folder == "/" or path == folder or path.startswith(f"{folder}/")


def _may_write(step: Written, path: str, copied: bool) -> bool:
    """Whether a RUN is taken to have written at ``path``.

    A file that came by COPY is taken to be left alone unless the command names it; a folder, if the
    command neither names it, or something in it, nor works inside it.
    """
    named = re.search(rf"(?<![\w.-]){re.escape(path)}(?![\w.-])", step.words) is not None
    if copied:
        return named
    if path == "/" or named:
        return True
    if step.folder != "/" and (_within(step.folder, path) or _within(path, step.folder)):
        return True
    name = posixpath.basename(path)
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", step.words) is not None
