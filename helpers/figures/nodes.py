"""Nodes as boxes with the tasks in them, and beside them what waits for a node."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.figure import Figure

from ..cluster.model import Node, Task, View
from . import style
from .canvas import Canvas, measure
from .drawing import Drawing
from .nodes_words import labels_of, nodes_words, share, title_of
from .orchestra import (
    LEFT,
    RIGHT,
    STATES,
    WIDTH,
    chip,
    counted,
    heading,
    key,
    known,
    label,
    look_of,
    said,
    short,
)
from .style import FAILED, FAINT, GREY, INK, PAPER, SHARED, WASTE, Look
from .tasks import Trouble, condition_of, name_of, selected, troubles, why
from .wrapping import wrapped

__all__ = ["nodes"]

ACROSS, MOST = 4, 12  # nodes in a row; nodes that are drawn
GAP, ROW = 0.14, 0.31  # inches between boxes; of a row of chips
CHIP = 1.0  # inches that a chip should have
SHOWN = 24  # chips in one node
HEAD = 0.62  # of a node's box
TIRED = Look("#595959", "#f0f0f0", hatch="////")  # a node that takes no tasks


def nodes(view: View, services: Iterable[str] | None = None, *, kind: str = "task") -> Drawing:
    """Draw the nodes of a cluster and where each task runs.

    Parameters
    ----------
    view: what a manager told in one look, as `helpers.cluster.Cluster.look` returns it.
    services: names of those to show; default: all.
    kind: ``"task"`` or ``"pod"``: what the words call the things that run.

    A chip is a task, coloured by its service; a dashed one does not run (its sign says why). Tasks
    that no node takes stand below the nodes, with the orchestrator's reason and what it means. The
    words count tasks: which of several equal nodes gets which one differs from run to run.
    """
    view = selected(view, services)
    title = title_of(view, kind)
    with style.look():
        figure = _Nodes(view, kind).draw()
    return Drawing(figure, title, nodes_words(title, view, kind))


class _Nodes:
    """The places of everything in the picture, from the top down."""

    def __init__(self, view: View, kind: str) -> None:
        self.view, self.kind = view, kind
        self.at = condition_of(view)
        self.names = [service.name for service in view.services]
        self.tasks = [t for t in view.tasks if self.at[t.id] not in ("ended", "waiting")]
        self.nodes = view.nodes[:MOST]
        across = min(max(len(self.nodes), 1), ACROSS)
        self.width = (RIGHT - LEFT - GAP * (across - 1)) / across
        self.columns = max(1, int((self.width - 0.16 + 0.06) // (CHIP + 0.06)))
        self.rows = [self.nodes[i : i + across] for i in range(0, len(self.nodes), across)]
        self.tall = [self._tall(row) for row in self.rows]
        self.troubles = troubles(view)
        self.reasons = [wrapped(why(one.reason), RIGHT - LEFT - 3.3, 8.5, most=3)
                        for one in self.troubles]  # fmt: skip
        self.summary = self._summary()
        height = 0.46 + 0.3 * len(self.summary) + sum(self.tall) + GAP * len(self.rows)
        self.legend = self._legend()
        height += self._tray_height() + (0.32 if self.legend else 0.08)
        height += 0.3 if not self.nodes else 0.0
        self.canvas = Canvas(WIDTH, height)

    def _on(self, node: Node) -> list[Task]:
        found = [task for task in self.tasks if task.node == node.name]
        return sorted(found, key=lambda t: (t.service, t.slot, t.made))

    def _tall(self, row: tuple[Node, ...]) -> float:
        most = max(min(len(self._on(node)), SHOWN) for node in row)
        more = any(len(self._on(node)) > SHOWN for node in row)
        labels = any(node.labels for node in row)
        lines = max(1, -(-most // self.columns))
        return HEAD + 0.18 * labels + ROW * lines + 0.22 * more + 0.1

    def _tray_height(self) -> float:
        return sum(max(0.36, 0.18 * len(lines) + 0.12) + 0.06 for lines in self.reasons) + (
            0.12 if self.reasons else 0.0
        )

    def draw(self) -> Figure:
        canvas = self.canvas
        y = canvas.height - heading(canvas, title_of(self.view, self.kind))
        for line in self.summary:
            for x, name, words, wide, short_of in line:
                self._service(x, y - 0.1, name, words, wide, short_of)
            y -= 0.3
        y -= 0.04
        if not self.nodes:
            canvas.write(LEFT, y - 0.12, label("nodes.no_nodes"), colour=GREY)
            y -= 0.3
        for row, tall in zip(self.rows, self.tall, strict=True):
            for place, node in enumerate(row):
                self._node(node, LEFT + place * (self.width + GAP), y - tall, tall)
            y -= tall + GAP
        for one, lines in zip(self.troubles, self.reasons, strict=True):
            y = self._trouble(one, lines, y)
        key(canvas, 0.17, self.legend)
        return canvas.figure

    def _summary(self) -> list[list[tuple[float, str, str, float, bool]]]:
        """Return the services with what runs of them, in as many lines as they need."""
        lines: list[list[tuple[float, str, str, float, bool]]] = [[]]
        x = LEFT
        for service in self.view.services:
            words = style.drawable(share(service))
            name = style.drawable(short(service.name)[:28])
            wide = min(max(measure(name, 8.5) + 0.18, 0.5), 2.2)
            need = wide + 0.08 + measure(words, 9.5) + 0.3
            if x + need > RIGHT + 0.3 and lines[-1]:
                lines.append([])
                x = LEFT
            behind = service.desired is not None and service.running < service.desired
            lines[-1].append((x, service.name, words, wide, behind))
            x += need
        return lines

    def _service(self, x: float, y: float, name: str, words: str, wide: float, behind: bool):
        chip(self.canvas, x, y, wide, short(name), look_of(name, self.names))
        self.canvas.write(x + wide + 0.08, y, words, size=9.5,
                          colour=WASTE.colour if behind else INK)  # fmt: skip

    def _node(self, node: Node, x: float, y: float, tall: float) -> None:
        canvas, top = self.canvas, y + tall
        down, closed = node.state != "ready", node.availability != "active"
        edge = FAILED.colour if down else GREY if closed else INK
        face = PAPER if down or closed else "#fafafa"
        canvas.box(x, y, self.width, tall, face=face, edge=edge, dashed=down or closed, round_=0.08)
        inner = self.width - 0.24
        state = self._badge(node, x + self.width - 0.1, top - 0.2)
        canvas.write(x + 0.12, top - 0.2, short(node.name), size=11, width=inner - state - 0.1,
                     colour=edge)  # fmt: skip
        facts = [known(f"role.{node.role}", node.role)] + [label("leader")] * node.leader
        canvas.write(x + 0.12, top - 0.43, said("comma").join(facts), size=8.5, colour=GREY,
                     width=inner)  # fmt: skip
        y = top - HEAD
        if any(other.labels for row in self.rows if node in row for other in row):
            labels = "  ".join(labels_of(node))
            canvas.write(x + 0.12, y + 0.02, labels, size=8, mono=True, width=inner)
            y -= 0.18
        self._chips(node, x + 0.08, y)

    def _badge(self, node: Node, right: float, y: float) -> float:
        """Write in the corner of a node what is not as usual; return the width it takes."""
        if node.state != "ready":
            words, look = f"✗ {known(f'node_state.{node.state}', node.state)}", FAILED
        elif node.reachability == "unreachable":
            words, look = f"✗ {label('unreachable')}", FAILED
        elif node.availability != "active":
            words, look = known(f"badge.{node.availability}", node.availability), TIRED
        else:
            words, look = f"✓ {known('node_state.ready', '')}", SHARED
        words = style.drawable(words)
        wide = min(measure(words, 8) + 0.14, self.width * 0.6)
        self.canvas.box(right - wide, y - 0.1, wide, 0.2, face=look.fill, edge=look.colour,
                        line=0.8, round_=0.05)  # fmt: skip
        self.canvas.write(right - wide / 2, y, words, size=8, colour=look.colour, align="center",
                          width=wide - 0.06)  # fmt: skip
        return wide

    def _chips(self, node: Node, x: float, y: float) -> None:
        found = self._on(node)
        if not found:
            self.canvas.write(x + 0.04, y - 0.11, label("nodes.empty"), size=8.5, colour=GREY,
                              width=self.width - 0.2)  # fmt: skip
            return
        step = (self.width - 0.16 + 0.06) / self.columns
        for place, task in enumerate(found[:SHOWN]):
            row, column = divmod(place, self.columns)
            chip(self.canvas, x + column * step, y - ROW * row - 0.13, step - 0.06, name_of(task),
                 look_of(task.service, self.names), self.at[task.id])  # fmt: skip
        if (left := len(found) - SHOWN) > 0:
            y -= ROW * -(-SHOWN // self.columns)
            self.canvas.write(x + 0.04, y - 0.04, label("more", count=left), size=8.5, colour=GREY)

    def _trouble(self, one: Trouble, lines: list[str], y: float) -> float:
        canvas, tall = self.canvas, max(0.36, 0.18 * len(lines) + 0.12)
        canvas.box(LEFT, y - tall, RIGHT - LEFT, tall, face=WASTE.fill, edge=WASTE.colour,
                   dashed=True, line=1.0, round_=0.06)  # fmt: skip
        middle = y - tall / 2
        canvas.write(LEFT + 0.1, middle, label(f"tray.{one.kind}"), size=9, colour=WASTE.colour,
                     width=1.3)  # fmt: skip
        count = f" ×{len(one.tasks)}" if len(one.tasks) > 1 else ""
        name = short(one.tasks[0].name if len(one.tasks) == 1 else one.service)
        state = "waiting" if one.kind == "waiting" else "unhealthy"
        look = look_of(one.service, self.names)
        chip(canvas, LEFT + 1.45, middle, 1.5, f"{name}{count}", look, state)
        top = middle + 0.18 * (len(lines) - 1) / 2
        for number, line in enumerate(lines):
            canvas.write(LEFT + 3.1, top - 0.18 * number, line, size=8.5,
                         width=RIGHT - LEFT - 3.2)  # fmt: skip
        return y - tall - 0.06

    def _legend(self) -> list[tuple[Look, str, bool]]:
        seen = {self.at[task.id] for task in self.tasks}
        items = []
        for state in ("starting", "stopping", "lost"):
            if state in seen:
                look = Look(STATES[state].colour, PAPER)
                items.append((look, f"{STATES[state].symbol} {label(f'state.{state}')}", True))
        if left := len(self.view.nodes) - len(self.nodes):
            items.append((Look(FAINT, PAPER), label("more", count=counted("node", left)), False))
        return items
