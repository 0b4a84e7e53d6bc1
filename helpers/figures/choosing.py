"""Platforms against answers: what fits, what has a price, what is ruled out, by which answer."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..choosing.model import FITS, MARKS, OUT, PRICE, Choice, Verdict
from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .style import ADDED, CHANGED, FAINT, GREY, PAPER, REMOVED

__all__ = ["choosing"]

WIDTH, LEFT, RIGHT = 8.9, 0.15, 8.75  # inches
NAMES, RESULT = 2.0, 1.4  # the first column, and the last
ROW, LINE = 0.34, 0.17
LONGEST = 0.65  # inches that the longest answer takes
LOOKS = {FITS: ADDED, PRICE: CHANGED, OUT: REMOVED}


def choosing(choice: Choice) -> Drawing:
    """Draw what each answer means for each platform.

    Parameters
    ----------
    choice: as `helpers.choosing.choose` returns it.

    The words are those of the choice itself: the sentence, and each platform with its reasons.
    """
    title = text("choosing.figure.title")
    with style.look():
        figure = _draw(choice)
    return Drawing(figure, title, f"{title}\n{choice}")


def _said(key: str, **values: object) -> str:
    return style.drawable(text(f"choosing.{key}", **values))


def _draw(choice: Choice) -> Figure:
    asked = list(choice.answers)
    wide = (RIGHT - LEFT - NAMES - RESULT) / max(len(asked), 1)
    lines = 2 if wide > LONGEST else 3
    head = lines * LINE + 0.14
    canvas = Canvas(WIDTH, head + ROW * len(choice.verdicts) + 1.0)
    top = canvas.height - 0.48
    canvas.write(LEFT, canvas.height - 0.2, _said("figure.title"), size=11, width=RIGHT - LEFT)
    for place, key in enumerate(asked):  # as a cell writes them: loss="machine"
        middle = LEFT + NAMES + wide * (place + 0.5)
        canvas.write(middle, top - LINE / 2, key, size=8, align="center")
        # narrow columns take turns, so that two long answers do not touch
        line = 1 + place % 2 if lines == 3 else 1
        canvas.write(middle, top - (line + 0.5) * LINE, choice.answers[key], size=8,
                     align="center", colour=GREY)  # fmt: skip
    canvas.write(RIGHT - RESULT / 2, top - LINE / 2, _said("figure.result"), size=8.5,
                 align="center")  # fmt: skip
    y = top - head
    for one in choice.verdicts:
        _row(canvas, one, asked, wide, y - ROW / 2)
        canvas.line((LEFT, RIGHT), (y, y), colour=FAINT)
        y -= ROW
    canvas.line((LEFT, RIGHT), (y, y), colour=FAINT)
    canvas.write(LEFT, 0.2, _said("figure.legend"), size=8.5, colour=GREY, width=RIGHT - LEFT)
    return canvas.figure


def _row(canvas: Canvas, one: Verdict, asked: list[str], wide: float, y: float) -> None:
    canvas.write(LEFT, y, style.drawable(one.name), size=9, width=NAMES - 0.08)
    for place, key in enumerate(asked):
        said = {
            reason.rule.verdict for reason in one.reasons if _cause(reason.rule.when, asked) == key
        }
        word = OUT if OUT in said else PRICE if PRICE in said else None
        middle = LEFT + NAMES + wide * (place + 0.5)
        if word is None:
            canvas.write(middle, y, "·", size=10, align="center", colour=GREY)
        else:
            _mark(canvas, middle, y, word, min(wide - 0.06, 0.4))
    look = LOOKS[one.word]
    canvas.box(RIGHT - RESULT + 0.04, y - ROW / 2 + 0.04, RESULT - 0.04, ROW - 0.08,
               face=look.fill, edge=look.colour)  # fmt: skip
    canvas.write(
        RIGHT - RESULT / 2 + 0.02, y, f"{MARKS[one.word]} {_said(f'verdict.{one.word}')}", size=8,
        align="center", colour=look.colour, width=RESULT - 0.12,
    )  # fmt: skip


def _mark(canvas: Canvas, x: float, y: float, word: str, wide: float) -> None:
    look = LOOKS[word]
    canvas.box(x - wide / 2, y - ROW / 2 + 0.05, wide, ROW - 0.1, face=look.fill, edge=PAPER)
    canvas.write(x, y, MARKS[word], size=10, align="center", colour=look.colour)


def _cause(when: object, asked: list[str]) -> str:
    """Of a rule with two answers, the mark stands below the later question."""
    return max(when, key=asked.index)  # type: ignore[call-overload]
