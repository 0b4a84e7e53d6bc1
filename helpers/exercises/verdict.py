"""What a check finds, and how a learner sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..messages import text
from ..text import escape


class Finding:
    """What a lesson's check returns: a message of the catalogue and the values of its fields.

    Parameters
    ----------
    key: for example ``"lesson01.ex1.right"``.
    **values: untrusted; they lose their control sequences, and are escaped where HTML is made.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key!r})"

    @property
    def words(self) -> str:
        """The message in the notebook's language."""
        return text(self.key, **self.values)


class Right(Finding):
    """The exercise is solved; the message says what is right about it."""


class Wrong(Finding):
    """It is not solved yet; the message says what is wrong, and never the command to type."""


@dataclass(frozen=True)
class Verdict:
    """The answer to ``check``.

    Parameters
    ----------
    exercise: its id, ``"01.2"``.
    title: of the exercise.
    ok: whether it is solved.
    words: what is right, or what is wrong.
    note: what else the learner should know (``""``: nothing).
    """

    exercise: str
    title: str
    ok: bool
    words: str
    note: str = ""

    def __str__(self) -> str:
        lines = [f"{self._mark} {self.exercise} · {self.title}", self.words, self.note]
        return "\n".join(line for line in lines if line)

    __repr__ = __str__

    @property
    def _mark(self) -> str:
        return text(f"exercises.{'solved' if self.ok else 'open'}")

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": box(str(self), _COLOURS[self.ok])}


@dataclass(frozen=True)
class Hint:
    """One of the hints of an exercise; ``number`` counts from 1 to ``count``."""

    exercise: str
    number: int
    count: int
    words: str

    def __str__(self) -> str:
        head = text("exercises.hint", exercise=self.exercise, number=self.number, count=self.count)
        return f"{head}\n{self.words}"

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": box(str(self), "info")}


# JupyterLab's own classes. The mark and its word say the same without a colour.
_COLOURS = {True: "success", False: "warning"}


def box(words: str, colour: str) -> str:
    """Return a coloured box: the first line bold, ```code``` in backticks, all else escaped."""
    head, *rest = words.split("\n")
    lines = [f"<strong>{escape(head)}</strong>", *(escape(line) for line in rest)]
    inner = re.sub(r"`([^`]+)`", r"<code>\1</code>", "<br>".join(lines))
    # JupyterLab's orange on orange is hard to read; its boxes are light in the dark theme too.
    return (
        f'<div class="alert alert-block alert-{colour}" role="status"'
        f' style="color:#212121">{inner}</div>'
    )
