"""A build as a graph: steps, and the steps whose results they use."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from ..builds.model import Explanation, Trace
from ..messages import text
from ..text import plain
from . import step_box, style
from .cache_strip import LEFT, RIGHT, WIDTH, heading
from .canvas import Canvas, measure
from .drawing import Drawing
from .graph_layout import Edge, edges, ranks, uses
from .marks import Mark, counts, listed, marks, place, trace_of
from .rows import one_line
from .style import CROSSING, FAINT, GREY, label
from .wrapping import wrapped

HEAD = 0.8  # inches above the columns
WIDEST = 5.5  # inches of a column
LANE = 0.07  # between two lines side by side


def build_graph(what: Trace | Explanation) -> Drawing:
    """Draw the steps of a build as nodes, one column a stage, and what they use as arrows.

    Parameters
    ----------
    what: an explanation, which tells the steps to blame from those that followed, or a trace.

    A step stands below every step that it uses. Thick arrows lead from one stage to another:
    COPY --from, or a FROM that names a stage.
    """
    trace = trace_of(what)
    title = text("figures.graph.title", name=plain(trace.tag), counts=counts(what))
    with style.look():
        figure = _Graph(what).draw()
    return Drawing(figure, title, _words(title, what))


class _Graph:
    """The places of everything in the picture."""

    def __init__(self, what: Trace | Explanation) -> None:
        self.what, self.trace = what, trace_of(what)
        self.marks = marks(what)
        self.rank, self.edges = ranks(self.trace), edges(self.trace)
        self.column = {name: n for n, name in enumerate(self.trace.stages)}
        self.stage = {step.id: step.stage for step in self.trace.steps}
        rows = max(self.rank.values(), default=0) + 1
        self.wide = min(WIDEST, (RIGHT - LEFT) / max(1, len(self.column)))
        self.lines = 0 if rows > 24 else 1 if self.wide > 1.8 else 2  # of the instruction
        self.tall = 0.32 + 0.15 * self.lines if self.lines else 0.26
        self.gap = 0.24 if self.lines else 0.14
        # Beside the boxes of a column there is room for the lines that leave and enter it.
        self.gutter = 0.34 if len(self.column) > 1 else 0.0
        self.several = len(self.column) > 1
        roles = {mark.shown for mark in self.marks}
        self.legend = step_box.legend_height(roles, RIGHT - LEFT) + 0.24
        body = rows * (self.tall + self.gap) + 0.1
        self.top = 0.24 if self.several else 0.0
        self.canvas = Canvas(WIDTH, HEAD + self.top + body + self.legend + 0.24)
        self.foot = self.canvas.height - HEAD - self.top - body
        self.roles = roles
        self.lanes: dict[tuple[str, int], list[str]] = {}

    def draw(self) -> Figure:
        canvas = self.canvas
        heading(canvas, self.trace.tag, counts(self.what))
        if not self.marks:
            canvas.write(LEFT, canvas.height - HEAD, label("no_steps"), colour=GREY)
        for name, number in self.column.items():
            self._stage(name, number)
        for edge in self.edges:
            (self._cross if edge.crossing else self._down)(edge)
        for mark in self.marks:
            self._node(mark)
        step_box.legend(canvas, LEFT, self.legend + 0.1, RIGHT - LEFT, self.roles)
        self._arrows_legend(0.2)
        return canvas.figure

    def _x(self, identifier: str) -> float:
        """Return the left edge of a step's box."""
        return LEFT + self.column[self.stage[identifier]] * self.wide + self.gutter / 2

    def _y(self, identifier: str) -> float:
        """Return the lower edge of a step's box."""
        top = self.canvas.height - HEAD - self.top
        return top - self.rank[identifier] * (self.tall + self.gap) - self.tall

    @property
    def _box(self) -> float:
        return self.wide - self.gutter

    def _stage(self, name: str, number: int) -> None:
        if not self.several:
            return
        x = LEFT + number * self.wide
        top = self.canvas.height - HEAD + 0.12
        self.canvas.box(x + 0.03, self.foot, self.wide - 0.06, top - self.foot, face="#f7f7f7",
                        edge=FAINT, line=0.8, round_=0.06)  # fmt: skip
        self.canvas.write(x + self.gutter / 2, top - 0.15, label("stage", name=one_line(name, 60)),
                          size=9, width=self._box)  # fmt: skip

    def _node(self, mark: Mark) -> None:
        canvas, look = self.canvas, mark.look
        x, y, width = self._x(mark.step.id), self._y(mark.step.id), self._box
        dashed = mark.role == "unreached"
        heavy = mark.shown in ("blame", "failed")
        canvas.box(x, y, width, self.tall, face=look.fill, edge=look.colour, dashed=dashed,
                   line=2.2 if heavy else 1.2)  # fmt: skip
        if not dashed:
            step_box.band(canvas, x, y, 0.1, self.tall, mark.shown)
        left, room = x + 0.15, width - 0.2
        top = y + self.tall - 0.15 if self.lines else y + self.tall / 2
        head = f"{mark.step.number} {mark.step.word}"
        role = f"{look.symbol} {label(f'role.{mark.shown}')}"
        if measure(style.drawable(head), 9) + measure(role, 8) + 0.1 > room:
            role = look.symbol
        taken = measure(role, 8) + 0.08
        canvas.write(x + width - 0.06, top, role, size=8, colour=look.colour, align="right")
        used = canvas.write(left, top, head, size=9, width=room - taken)
        if self.lines:
            for number, line in enumerate(wrapped(mark.rest, room, 7.5, True, self.lines)):
                canvas.write(left, top - 0.19 - 0.15 * number, line, size=7.5, mono=True)
        elif room - taken - used > 0.4:
            canvas.write(left + used + 0.12, top, mark.rest, size=7.5, mono=True,
                         width=room - taken - used - 0.14)  # fmt: skip

    def _down(self, edge: Edge) -> None:
        x = self._x(edge.by) + self._box / 2
        begin, end = self._y(edge.used), self._y(edge.by) + self.tall
        self.canvas.line((x, x), (begin, end + 0.05), colour=GREY, width=1.2)
        self._tip(x, end, 0.05, GREY)

    def _cross(self, edge: Edge) -> None:
        """Draw from the side of one box to the side of another, around all that is between."""
        old, new = (self.column[self.stage[step]] for step in (edge.used, edge.by))
        right = new > old
        out, into = old if right else old - 1, new - 1 if right else new
        box = self._box
        leave = self._x(edge.used) + (box if right else 0)
        enter = self._x(edge.by) + (0 if right else box)
        begin = self._y(edge.used) + self.tall * 0.3
        end = self._y(edge.by) + self.tall / 2
        # Between two rows, above the tips of the arrows that come down.
        over = self._lane("row", self.rank[edge.by], edge.used, 2)
        over = self._y(edge.by) + self.tall + self.gap * (0.55 + 0.28 * over)
        first = LEFT + (out + 1) * self.wide - LANE * (1 - self._lane("out", out, edge.used, 3))
        last = LEFT + (into + 1) * self.wide + LANE * self._lane("in", into, edge.by, 2) * 0.7
        if out == into:  # neighbours: one bend is enough
            xs, ys = (leave, first, first, enter), (begin, begin, end, end)
        else:
            xs = (leave, first, first, last, last, enter)
            ys = (begin, begin, over, over, end, end)
        self.canvas.axes.plot(xs, ys, color=CROSSING, linewidth=2.2, solid_joinstyle="round",
                              zorder=2.5)  # fmt: skip
        way = -1 if right else 1
        tip = [(enter, end), (enter + way * 0.11, end + 0.06), (enter + way * 0.11, end - 0.06)]
        self.canvas.axes.add_patch(Polygon(tip, color=CROSSING, zorder=3))

    def _lane(self, gap: str, where: int, whose: str, most: int) -> int:
        """Return which of the lanes of a gap a step's lines take; all of its lines share it."""
        taken = self.lanes.setdefault((gap, where), [])
        if whose not in taken:
            taken.append(whose)
        return taken.index(whose) % most

    def _tip(self, x: float, y: float, half: float, colour: str) -> None:
        tip = [(x, y), (x - half, y + half * 1.8), (x + half, y + half * 1.8)]
        self.canvas.axes.add_patch(Polygon(tip, color=colour))

    def _arrows_legend(self, y: float) -> None:
        canvas, x = self.canvas, LEFT
        kinds = {edge.crossing for edge in self.edges}
        for crossing, key, colour, line in (
            (False, "graph.stands", GREY, 1.2),
            (True, "graph.crossing", CROSSING, 2.4),
        ):
            if crossing not in kinds:
                continue
            canvas.line((x, x + 0.22), (y, y), colour=colour, width=line)
            tip = [(x + 0.3, y), (x + 0.2, y + 0.05), (x + 0.2, y - 0.05)]
            canvas.axes.add_patch(Polygon(tip, color=colour))
            x += 0.36 + canvas.write(x + 0.36, y, label(key), size=8.5, colour=GREY) + 0.3


def _words(title: str, what: Trace | Explanation) -> str:
    trace = trace_of(what)
    comma = text("figures.waterfall.comma")
    ends = []
    for step, others in zip(trace.steps, uses(trace).values(), strict=True):
        used = [trace.step(other) for other in others]
        places = [place(other, other.stage != step.stage) for other in used]
        ends.append(f"  ← {comma.join(places)}" if places else "")
    return "\n".join([title, text("figures.graph.uses"), *listed(marks(what), ends)])
