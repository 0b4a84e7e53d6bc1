"""Where tasks run: on Fargate in AWS, or on a machine of your own, and the line between the two."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from ..aws.places import Machine, Places
from . import style
from .canvas import Canvas, measure
from .drawing import Drawing
from .orchestra import LEFT, WIDTH, chip, heading, look_of, short
from .places_words import differs, label, names_of, places_words, state_of, title_of
from .style import FAILED, FAINT, GREY, INK, PAPER, SHARED, WASTE, Look

__all__ = ["places"]

BOX, GAP = 3.5, 1.0  # inches: width of a place, and between the two
RIGHT_BOX = LEFT + BOX + GAP
COLUMNS, ROW = 3, 0.34  # chips beside each other; height of a row of them
MOST = 12  # chips that are drawn
LINE = 0.24  # of a line of text
ORPHAN = "lost"  # how a task is drawn that ECS knows nothing of: with a question mark


def places(found: Places) -> Drawing:
    """Draw AWS on the left, machines outside of it on the right, with the tasks in each.

    Parameters
    ----------
    found: one look, as `helpers.aws.places` returns it.

    What is drawn in a machine is what its own engine runs, where that could be asked; what ECS
    takes for running there stands below it if it is something else.
    """
    title = title_of(found)
    with style.look():
        figure = _Places(found).draw()
    return Drawing(figure, title, places_words(title, found))


class _Places:
    """The places of everything in the picture, from the top down."""

    def __init__(self, found: Places) -> None:
        self.found = found
        self.names = names_of(found)
        self.left = 0.4 + LINE * max(len(found.services), 1) + 0.44 + _tall(found.fargate)
        self.right = [0.66 + _tall(_there(one)) + (LINE if differs(one) else 0.0)
                      for one in found.machines] or [0.66]  # fmt: skip
        self.body = max(self.left, sum(self.right) + 0.14 * (len(self.right) - 1))
        self.canvas = Canvas(WIDTH, 0.5 + self.body + 0.2)

    def draw(self) -> Figure:
        heading(self.canvas, title_of(self.found))
        top = self.canvas.height - 0.5
        self._aws(top)
        y = top
        for number, tall in enumerate(self.right):
            tall = self.body if len(self.right) == 1 else tall
            if self.found.machines:
                machine = self.found.machines[number]
                self._machine(machine, y, tall)
                self._line(machine, y - 0.5)
            else:
                self.canvas.box(
                    RIGHT_BOX, y - tall, BOX, tall, edge=FAINT, dashed=True, round_=0.08
                )
                self.canvas.write(RIGHT_BOX + 0.14, y - 0.3, label("no_machine"), colour=GREY,
                                  width=BOX - 0.28)  # fmt: skip
            y -= tall + 0.14
        return self.canvas.figure

    def _aws(self, top: float) -> None:
        canvas = self.canvas
        canvas.box(LEFT, top - self.body, BOX, self.body, edge=INK, face=PAPER, round_=0.08)
        canvas.write(LEFT + 0.14, top - 0.2, label("aws"), size=11, width=BOX - 0.28)
        y = top - 0.46
        for one in self.found.services:
            met = one.running == one.desired
            words = label("asked", name=short(one.name), desired=one.desired, running=one.running)
            colour = SHARED.colour if met else WASTE.colour
            canvas.write(LEFT + 0.14, y, f"{'✓' if met else '✗'} {words}", size=9, colour=colour,
                         width=BOX - 0.28)  # fmt: skip
            y -= LINE
        if not self.found.services:
            canvas.write(LEFT + 0.14, y, label("no_service"), size=9, colour=GREY)
            y -= LINE
        y -= 0.02
        canvas.line((LEFT + 0.14, LEFT + BOX - 0.14), (y + 0.06,) * 2, colour=FAINT, width=0.8)
        canvas.write(LEFT + 0.14, y - 0.1, label("fargate"), size=9, colour=GREY)
        self._chips(self.found.fargate, (), LEFT + 0.14, y - 0.24)

    def _machine(self, one: Machine, top: float, tall: float) -> None:
        canvas = self.canvas
        canvas.box(RIGHT_BOX, top - tall, BOX, tall, edge=INK, face=PAPER, round_=0.08)
        canvas.write(RIGHT_BOX + 0.14, top - 0.2, label("machine"), size=11, width=1.7)
        words = style.drawable(state_of(one))
        look = SHARED if one.connected and one.state == "ACTIVE" else FAILED
        wide = min(measure(words, 8) + 0.16, BOX - 1.9)
        right = RIGHT_BOX + BOX - 0.1
        canvas.box(right - wide, top - 0.31, wide, 0.22, face=look.fill, edge=look.colour,
                   line=0.8, round_=0.05)  # fmt: skip
        canvas.write(right - wide / 2, top - 0.2, words, size=8, colour=look.colour,
                     align="center", width=wide - 0.06)  # fmt: skip
        canvas.write(RIGHT_BOX + 0.14, top - 0.46, label("runs"), size=9, colour=GREY)
        self._chips(_there(one), one.orphans, RIGHT_BOX + 0.14, top - 0.6)
        if differs(one):
            words = label("believed", count=len(one.told))
            canvas.write(RIGHT_BOX + 0.14, top - tall + 0.16, words, size=9, colour=WASTE.colour,
                         width=BOX - 0.28)  # fmt: skip

    def _line(self, one: Machine, y: float) -> None:
        """Draw the agent's way to AWS: it calls, and is never called."""
        canvas, start, end = self.canvas, RIGHT_BOX - 0.04, LEFT + BOX + 0.04
        colour = SHARED.colour if one.connected else FAILED.colour
        canvas.line((start, end), (y, y), colour=colour, width=2.0, dashed=not one.connected)
        middle = (start + end) / 2
        if one.connected:
            canvas.line((end + 0.12, end, end + 0.12), (y + 0.08, y, y - 0.08), colour=colour,
                        width=2.0)  # fmt: skip
        words = "calls" if one.connected else "refused" if one.state == "NONE" else "silent"
        canvas.write(middle, y + 0.17, label(words), size=8.5, colour=colour, align="center",
                     width=GAP - 0.1)  # fmt: skip

    def _chips(self, names: Sequence[str], orphans: Sequence[str], x: float, top: float) -> None:
        if not names:
            self.canvas.write(x, top - 0.12, label("nothing"), size=9, colour=GREY)
            return
        step, lost = (BOX - 0.28) / COLUMNS, list(orphans)
        for place, name in enumerate(names[:MOST]):
            row, column = divmod(place, COLUMNS)
            look: Look = look_of(name, self.names)
            state = "running"
            if name in lost:
                lost.remove(name)
                state, look = ORPHAN, Look(GREY, PAPER)
            chip(self.canvas, x + column * step, top - 0.15 - ROW * row, step - 0.08, short(name),
                 look, state)  # fmt: skip
        if (left := len(names) - MOST) > 0:
            y = top - ROW * (MOST // COLUMNS) - 0.06
            self.canvas.write(x, y, label("more", count=left), size=8.5, colour=GREY)


def _there(one: Machine) -> tuple[str, ...]:
    return one.told if one.there is None else one.there


def _tall(names: Sequence[str]) -> float:
    rows = -(-min(len(names), MOST) // COLUMNS) or 1
    return ROW * rows + (0.22 if len(names) > MOST else 0.08)
