"""Bin packing: what each node has, what its tasks reserve of it, and what waits beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from matplotlib.figure import Figure

from ..cluster.model import Task, View
from ..containers.limits import binary
from . import style
from .canvas import Canvas, measure
from .drawing import Drawing
from .orchestra import LEFT, RIGHT, WIDTH, heading, key, known, label, look_of, said, short
from .packing_words import packing_words, reason_of, title_of
from .room import KINDS, Room, Waiting, rooms, waiting
from .style import FAINT, GREY, INK, PAPER, WASTE, Look
from .tasks import name_of, selected
from .wrapping import wrapped

__all__ = ["packing"]

START, END = LEFT + 1.9, RIGHT - 1.55  # of the bars
BAR, GAP = 0.28, 0.06  # inches: height of a bar, and between the two of a node
NODE = 2 * (BAR + GAP) + 0.16  # of a node
MOST, SHOWN = 10, 4  # nodes and waiting services that are drawn
FREE = Look("#8a8a8a", PAPER)
TOO_LITTLE = Look(WASTE.colour, "#fdeee5", hatch="////")  # free, and of no use for what waits
OTHERS = Look("#8a8a8a", "#d9d9d9")  # what services reserve that are not told of
CLOSED = Look("#8a8a8a", "#ebebeb", hatch="....")  # on a node that takes no tasks


def packing(view: View, services: Iterable[str] | None = None, *, kind: str = "task") -> Drawing:
    """Draw how the reservations of tasks fill the nodes, and what is too big for what is left.

    Parameters
    ----------
    view: what a manager told in one look, as `helpers.cluster.Cluster.look` returns it.
    services: names of those that are told of; default: all. What the others reserve is grey.
    kind: ``"task"`` or ``"pod"``: what the words call the things that run.

    Each node has a bar for CPU and one for memory, all to the same scale; a task is as wide as what
    it reserves. What is free but too little for what waits is hatched. Reservations are promises:
    the figure says nothing about what is really used. The words hold no amounts, since what a node
    has differs from machine to machine.
    """
    found = rooms(view)
    view = selected(view, services)
    waits = waiting(view, found)
    title = title_of(view, waits, kind)
    with style.look():
        figure = _Packing(view, found, waits, kind).draw()
    return Drawing(figure, title, packing_words(title, view, found, waits, kind))


class _Packing:
    """The places of everything in the picture, from the top down."""

    def __init__(self, view: View, found: list[Room], waits: list[Waiting], kind: str) -> None:
        self.view, self.rooms, self.kind = view, found[:MOST], kind
        self.all, self.waits = waits, waits[:SHOWN]
        self.names = [service.name for service in view.services]
        self.most = {k: max((room.total(k) for room in found), default=0) or 1 for k in KINDS}
        self.reasons = [wrapped(said("packing.waits", why=reason_of(one)), RIGHT - LEFT - 0.2, 9)
                        for one in self.waits]  # fmt: skip
        self.tall = [NODE + 0.18 * len(lines) + 0.14 for lines in self.reasons]
        body = NODE * max(len(self.rooms), 1) + sum(self.tall) + (0.1 if self.waits else 0.0)
        self.canvas = Canvas(WIDTH, 0.46 + body + 0.36)

    def draw(self) -> Figure:
        canvas = self.canvas
        heading(canvas, title_of(self.view, self.all, self.kind))
        y = canvas.height - 0.46
        for room in self.rooms:
            self._node(room, y)
            y -= NODE
        if not self.rooms:
            canvas.write(LEFT, y - 0.2, label("nodes.no_nodes"), colour=GREY)
            y -= NODE
        y -= 0.1 if self.waits else 0.0
        for one, lines, tall in zip(self.waits, self.reasons, self.tall, strict=True):
            self._waiting(one, lines, y, tall)
            y -= tall
        key(canvas, 0.17, self._legend())
        return canvas.figure

    def _at(self, kind: str, amount: float) -> float:
        return START + (END - START) * min(amount / self.most[kind], 1.0)

    def _node(self, room: Room, top: float) -> None:
        canvas, node = self.canvas, room.node
        middle = top - 0.08 - BAR - GAP / 2
        canvas.write(LEFT, middle + 0.06, short(node.name), size=11, width=1.05)
        below = ""
        if not room.open:
            off = node.state if node.state != "ready" else node.availability
            group = "node_state" if node.state != "ready" else "badge"
            below = known(f"{group}.{off}", off)
        elif room.others:
            below = label("packing.others", count=room.others)
        canvas.write(LEFT, middle - 0.14, below, size=8, colour=GREY, width=1.1)
        for number, kind in enumerate(KINDS):
            y = top - 0.08 - BAR / 2 - (BAR + GAP) * number
            self._bar(room, kind, y)
        canvas.line((LEFT, RIGHT), (top - NODE + 0.02,) * 2, colour=FAINT, width=0.6)

    def _bar(self, room: Room, kind: str, y: float) -> None:
        canvas, total = self.canvas, room.total(kind)
        canvas.write(START - 0.08, y, label(f"packing.{kind}"), size=8.5, colour=GREY,
                     align="right")  # fmt: skip
        end = self._at(kind, total)
        spent = 0.0
        for task, cpus, memory in room.reserved:
            amount = cpus if kind == "cpu" else memory
            if amount:
                self._task(task, self._at(kind, spent), self._at(kind, spent + amount), y)
            spent += amount
        left = self._at(kind, spent)
        if end > left:
            look = self._free(room, kind)
            canvas.box(left, y - BAR / 2, end - left, BAR, face=look.fill, edge=look.colour,
                       hatch=look.hatch, line=0.9)  # fmt: skip
        used, all_ = amount_of(kind, spent), amount_of(kind, total)
        words = label(f"packing.of_{kind}", used=used, total=all_)
        canvas.write(END + 0.1, y, words, size=8.5, width=RIGHT + 0.2 - END - 0.1)

    def _free(self, room: Room, kind: str) -> Look:
        """Return how what is free is drawn: is it enough for something that waits?"""
        if not room.open:
            return CLOSED
        lacking = [one for one in self.all if kind in one.lacks]
        return TOO_LITTLE if lacking else FREE

    def _task(self, task: Task, left: float, right: float, y: float) -> None:
        mine = task.service in self.names
        look = look_of(task.service, self.names) if mine else OTHERS
        wide = max(right - left, 0.02)
        self.canvas.box(left, y - BAR / 2, wide, BAR, face=look.fill, edge=look.colour, line=1.0)
        name = style.drawable(name_of(task))
        if not mine:
            return
        for words in (name, name.rpartition(".")[2]):  # in a narrow one, the number alone
            if measure(words, 8) + 0.06 <= wide:
                self.canvas.write(left + wide / 2, y, words, size=8, align="center")
                return

    def _waiting(self, one: Waiting, lines: list[str], top: float, tall: float) -> None:
        canvas = self.canvas
        canvas.box(LEFT - 0.1, top - tall + 0.06, RIGHT - LEFT + 0.2, tall - 0.06, face=WASTE.fill,
                   edge=WASTE.colour, dashed=True, line=1.0, round_=0.06)  # fmt: skip
        y = top - 0.14
        for line in lines:
            canvas.write(LEFT, y, line, size=9, colour=WASTE.colour)
            y -= 0.18
        look = look_of(one.service.name, self.names)
        name = short(one.tasks[0].name if len(one.tasks) == 1 else one.service.name)
        count = f" ×{len(one.tasks)}" if len(one.tasks) > 1 else ""
        canvas.write(LEFT, y - 0.26, f"{name}{count}", size=9.5, width=1.1, colour=INK)
        for number, kind in enumerate(KINDS):
            row = y - 0.06 - BAR / 2 - (BAR + GAP) * number
            canvas.write(START - 0.08, row, label(f"packing.{kind}"), size=8.5, colour=GREY,
                         align="right")  # fmt: skip
            amount = one.needs(kind)
            wide = max(self._at(kind, amount) - START, 0.02 if amount else 0.0)
            if wide:
                canvas.box(START, row - BAR / 2, wide, BAR, face=look.fill, edge=look.colour,
                           dashed=True, line=1.2)  # fmt: skip
            words = amount_of(kind, amount)
            words = label("packing.cpus", count=words) if kind == "cpu" else words
            words = label("packing.needs", amount=words) if amount else "–"
            canvas.write(END + 0.1, row, words, size=8.5, width=RIGHT - END)

    def _legend(self) -> list[tuple[Look, str, bool]]:
        shown = {task.service for room in self.rooms for task, *_ in room.reserved}
        names = [name for name in self.names if name in shown][:3]
        items = [
            (replace(look_of(name, self.names), hatch=""), short(name)[:20], False)
            for name in names
        ]
        if shown - set(self.names):
            items.append((OTHERS, label("packing.other"), False))
        items.append((FREE, label("packing.free"), False))
        if any(one.lacks for one in self.all):
            items.append((TOO_LITTLE, label("packing.too_little"), False))
        if any(not room.open for room in self.rooms):
            items.append((CLOSED, label("packing.closed"), False))
        hidden = max(0, len(self.view.nodes) - MOST) + max(0, len(self.all) - SHOWN)
        if hidden:
            items.append((FREE, label("more", count=hidden), False))
        return items


def amount_of(kind: str, amount: float) -> str:
    """Return ``0.5`` CPUs, or ``64 MiB``."""
    return f"{amount:.4g}" if kind == "cpu" else binary(int(amount))
