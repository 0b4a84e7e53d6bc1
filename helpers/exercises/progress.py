"""Which exercises a learner has solved: kept in a file of this machine, shown as bars."""

from __future__ import annotations

import errno
import json
import os
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

from .. import messages, paths
from ..errors import NoSpace, NotWritable
from ..text import escape
from .collection import load

_WIDTH = 20  # characters of a bar in plain text


def file() -> Path:
    """Return the progress file: in the course's folder, or where LAYER_BY_LAYER_PROGRESS says."""
    chosen = os.environ.get("LAYER_BY_LAYER_PROGRESS")
    return Path(chosen) if chosen else paths.home() / "progress.json"


def solved() -> dict[str, list[str]]:
    """Return the solved exercises: lesson id → exercise ids, sorted.

    A file that cannot be understood is set aside beside it (``progress.damaged-1.json``), not lost.
    """
    path = file()
    try:
        done = json.loads(path.read_text("utf-8"))["done"]
        return {str(k): sorted(str(one) for one in v) for k, v in done.items() if v}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError):
        _set_aside(path)
        return {}


def _set_aside(path: Path) -> None:
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}.json")).exists():
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        raise _cannot(path, error) from None


def keep(exercise: str) -> None:
    """Write down that an exercise is solved; the file is replaced in one step.

    Raises
    ------
    NotWritable, NoSpace: it cannot be written; what was there before is untouched.
    """
    done = solved()
    lesson = exercise.split(".")[0]
    if exercise in done.get(lesson, ()):
        return
    done[lesson] = sorted([*done.get(lesson, ()), exercise])
    path = file()
    content = json.dumps({"format": 1, "done": done}, indent=1, sort_keys=True)
    part = None
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=path.stem, delete=False
        ) as stream:
            part = Path(stream.name)
            stream.write(content)
        part.replace(path)
    except OSError as error:
        if part:
            part.unlink(missing_ok=True)
        raise _cannot(path, error) from None


def _cannot(path: Path, error: OSError) -> NoSpace | NotWritable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace("errors.no_space", folder=path.parent)
    return NotWritable("errors.not_writable", folder=path.parent, reason=error.strerror)


@dataclass(frozen=True)
class Bar:
    """How much of one lesson is solved."""

    lesson: str
    title: str
    done: int
    count: int


@dataclass(frozen=True)
class Progress:
    """How much of each lesson that has exercises is solved; text and HTML say the same."""

    bars: tuple[Bar, ...]

    def __str__(self) -> str:
        lines = [messages.text("exercises.progress")]
        for bar in self.bars:
            lines.append(f"{_drawn(bar)} {self._words(bar)}")
        return "\n".join(lines if self.bars else [messages.text("exercises.none")])

    __repr__ = __str__

    @staticmethod
    def _words(bar: Bar) -> str:
        return messages.text(
            "exercises.bar", lesson=bar.lesson, title=bar.title, done=bar.done, count=bar.count
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        if not self.bars:
            return {"text/plain": str(self)}
        head = f"<strong>{escape(messages.text('exercises.progress'))}</strong>"
        html = head + "".join(self._html(bar) for bar in self.bars)
        return {"text/plain": str(self), "text/html": f"<div>{html}</div>"}

    def _html(self, bar: Bar) -> str:
        words = escape(self._words(bar))
        # Block characters, because a notebook that is not trusted yet shows no borders.
        return (
            f'<div>{words}<div role="progressbar" aria-label="{words}" aria-valuemin="0"'
            f' aria-valuemax="{bar.count}" aria-valuenow="{bar.done}"'
            f' style="color:#009E73">{_drawn(bar)}</div></div>'
        )


def _drawn(bar: Bar) -> str:
    full = bar.done * _WIDTH // bar.count
    return "█" * full + "░" * (_WIDTH - full)


def progress(lesson: str | None = None) -> Progress:
    """Return what is solved of every lesson, or of one.

    Parameters
    ----------
    lesson: a lesson's id, for example ``"01"``.
    """
    done = solved()
    bars = []
    for folder in sorted(paths.LESSONS.glob(f"{lesson or '[0-9][0-9]'}-*")):
        name = folder.name.split("-")[0]
        ids = {one.id for one in load(folder)}
        if ids:
            bars.append(Bar(name, _title(folder), len(ids & set(done.get(name, ()))), len(ids)))
    return Progress(tuple(bars))


def _title(folder: Path) -> str:
    plan = tomllib.loads((folder / "lesson.toml").read_text("utf-8"))
    return plan["title"][messages.language()]
