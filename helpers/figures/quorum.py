"""Members of a database that agree by majority, step by step: who works, and who can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matplotlib.figure import Figure

from ..messages import text
from ..quorum.model import LOST, STUCK, WORKS, Step, majority
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .orchestra import LEFT, RIGHT, WIDTH, heading, key, short
from .style import FAILED, FAINT, GREY, HIT, INK, UNREACHED, Look
from .wrapping import wrapped

__all__ = ["quorum"]

NAMES, ROW, TOP = 1.15, 0.5, 1.12  # inches: where columns begin, height of a row, of the head
MOST = 10  # steps that are drawn, the last ones
LOOKS = {
    WORKS: HIT,
    STUCK: replace(FAILED, symbol="…", hatch=""),
    LOST: Look(UNREACHED.colour, UNREACHED.fill, hatch="xxxx"),
}


def quorum(steps: Sequence[Step]) -> Drawing:
    """Draw what happened to the members of a group, one column for each step.

    Parameters
    ----------
    steps: as `helpers.quorum.Members.steps` has them; at least one.

    Who leads is not told: that differs from run to run, and the outcome does not depend on it.
    """
    steps = list(steps)
    title = _title(steps)
    with style.look():
        figure = _draw(steps[-MOST:], _title(steps))
    return Drawing(figure, title, "\n".join([title, *(_line(n, s) for n, s in _numbered(steps))]))


def _said(key: str, **values: object) -> str:
    return text(f"quorum.{key}", **values)


def _numbered(steps: Sequence[Step]) -> list[tuple[int, Step]]:
    return list(enumerate(steps, 1))


def _title(steps: Sequence[Step]) -> str:
    last = steps[-1].states
    return _said("title", works=sum(one == WORKS for one in last.values()), members=len(last),
                 majority=majority(len(last)))  # fmt: skip


def _order(step: Step, short_: bool = False) -> str:
    """Return what was done; in a narrow column of a value without its key."""
    kind = "read_stale" if step.stale else step.order
    valued = step.order in ("write", "read")
    what = step.what.partition("=")[2] if short_ and valued else step.what
    return _said(f"order.{kind}", what=short(what)).strip()


def _answer(step: Step) -> str:
    return "" if step.done is None else _said("answer.yes" if step.done else "answer.no")


def _line(number: int, step: Step) -> str:
    states = "; ".join(f"{short(zone)}: {_said(f'state.{state}')}"
                       for zone, state in step.states.items())  # fmt: skip
    answer = f" → {_answer(step)}" if step.done is not None else ""
    return f"{number}. {_order(step)}{answer} [{states}]"


def _draw(steps: Sequence[Step], title: str) -> Figure:
    zones = list(steps[-1].states)
    canvas = Canvas(WIDTH, TOP + ROW * (len(zones) + 1) + 0.5)
    heading(canvas, title)
    wide = (RIGHT - NAMES) / max(len(steps), 4)
    top = canvas.height - TOP
    for place, zone in enumerate(zones):
        y = top - ROW * (place + 0.5)
        canvas.write(LEFT, y, style.drawable(_said("zone", name=short(zone))), width=NAMES - LEFT)
    y = top - ROW * (len(zones) + 0.5)
    canvas.write(LEFT, y, style.drawable(_said("answers")), colour=GREY, width=NAMES - LEFT)
    for number, step in enumerate(steps):
        x = NAMES + wide * number
        lines = wrapped(style.drawable(_order(step, short_=True)), wide - 0.1, 8.5)
        for place, line in enumerate(lines):
            at = top + 0.12 + 0.16 * (len(lines) - 1 - place)
            canvas.write(x + wide / 2, at, line, size=8.5, align="center", width=wide - 0.06)
        for place, zone in enumerate(zones):
            look = LOOKS[step.states[zone]]
            low = top - ROW * (place + 1) + 0.06
            canvas.box(x + 0.05, low, wide - 0.1, ROW - 0.12, face=look.fill, edge=look.colour,
                       hatch=look.hatch, dashed=step.states[zone] != WORKS,
                       round_=0.05)  # fmt: skip
            if look.symbol:
                canvas.write(x + wide / 2, low + ROW / 2 - 0.06, look.symbol, size=12,
                             colour=look.colour, align="center")  # fmt: skip
        if step.done is not None:
            look = HIT if step.done else FAILED
            canvas.write(x + wide / 2, y, style.drawable(_answer(step)), size=9, align="center",
                         colour=INK if step.done else look.colour, width=wide - 0.04)  # fmt: skip
    canvas.line((LEFT, RIGHT), (top - ROW * len(zones),) * 2, colour=FAINT, width=0.8)
    key(canvas, 0.2, [(LOOKS[state], _said(f"state.{state}"), state != WORKS)
                      for state in (WORKS, STUCK, LOST)])  # fmt: skip
    return canvas.figure
