"""Containers, the networks they are in, published ports; below it, who reached whom."""

from __future__ import annotations

from ..messages import text
from . import style
from .canvas import Canvas, measure
from .drawing import Drawing
from .network_words import (
    HOST,
    NONE,
    Node,
    Published,
    Reach,
    Survey,
    how,
    network_map_words,
    shown_title,
)
from .rows import one_line
from .style import BASE, BLAME, CONFIG, FAINT, FOLLOWS, GREY, HIT, LAYER, SHARED, Look

WIDTH, LEFT = 8.6, 0.3
NAMES = 2.0  # inches for the names of networks, and of the rows of the matrix
MOST = 7  # containers that are drawn
BUS, ROW = 0.46, 0.34  # inches of a network's line, and of a row of the matrix
BOX = 0.5


KINDS: dict[str, tuple[Look, str]] = {
    "default": (LAYER, "default_bridge"),
    "own": (SHARED, "own_bridge"),
    "internal": (CONFIG, "internal_bridge"),
    "other": (BASE, "other_network"),
}


def network_map(survey: Survey) -> Drawing:
    """Draw containers above the networks that they are in, and a table of who reached whom.

    Parameters
    ----------
    survey: what `helpers.networks.survey` tried out. The picture shows the first seven containers;
        the words tell all.
    """
    title = shown_title(survey)
    with style.look():
        figure = _Map(survey).draw()
    return Drawing(figure, title, network_map_words(title, survey))


class _Map:
    """The places of everything in the picture, from the top down."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.nodes = list(survey.nodes)[:MOST]
        self.hidden = len(survey.nodes) - len(self.nodes)
        used = {name for node in self.nodes for name in node.networks}
        self.buses = [n for n in survey.networks if n.name in used and n.kind in KINDS]
        names = {node.name for node in self.nodes}
        self.ports = [p for p in survey.published if p.container in names]
        self.above = 0.62 if self.ports or self._on_host() else 0.0
        self.rows = [HOST, *(node.name for node in self.nodes if node.running)]
        height = 0.55 + self.above + BOX + 0.3 + BUS * max(1, len(self.buses))
        height += 0.72 + ROW * len(self.rows) + 0.2
        self.canvas = Canvas(WIDTH, height)
        self.step = (WIDTH - 2 * LEFT - NAMES) / max(1, len(self.nodes))

    def _on_host(self) -> list[Node]:
        return [node for node in self.nodes if "host" in node.networks]

    def _x(self, place: int) -> float:
        return LEFT + NAMES + self.step * (place + 0.5)

    def draw(self):
        canvas = self.canvas
        canvas.write(LEFT, canvas.height - 0.22, _label("map.headline"), size=12)
        if self.hidden:
            canvas.write(WIDTH - LEFT, canvas.height - 0.22,
                         _label("map.more", count=self.hidden), size=8.5, colour=GREY,
                         align="right")  # fmt: skip
        y = canvas.height - 0.55
        if self.above:
            y = self._machine(y)
        y -= BOX
        self._drops(y)
        for place, node in enumerate(self.nodes):
            self._container(place, node, y)
        if not self.nodes:
            canvas.write(LEFT, y + BOX / 2, _label("map.nothing"), colour=GREY)
        self._matrix(self._networks(y - 0.3) - 0.34)
        return canvas.figure

    def _machine(self, top: float) -> float:
        """Draw the machine above the containers, and what leads down from it."""
        bottom = top - 0.26
        self.canvas.box(LEFT, bottom, WIDTH - 2 * LEFT, 0.26, face=BASE.fill, edge=BASE.colour)
        self.canvas.write(LEFT + 0.1, bottom + 0.13, _label("map.machine"), size=9)
        for place, node in enumerate(self.nodes):
            x = self._x(place)
            ports = [port for port in self.ports if port.container == node.name]
            if not ports and node not in self._on_host():
                continue
            self.canvas.line((x, x), (bottom, bottom - 0.36), colour=BASE.colour, width=1.6)
            if ports:
                said = self._port(ports)
                self.canvas.write(x, bottom + 0.13, said, size=8, align="center",
                                  width=self.step - 0.06)  # fmt: skip
                self._tip(x, bottom - 0.36)
        return bottom - 0.36

    def _port(self, ports: list[Published]) -> str:
        """Return where a container is reached; without the address if there is no room for it."""
        more = f" +{len(ports) - 1}" if len(ports) > 1 else ""
        address, port = ports[0].address, ports[0].port
        said = _label("map.port", address=address, port=port) + more
        if measure(said, 8) <= self.step - 0.06:
            return said
        return _label("map.port", address=f":{address.rpartition(':')[2]}", port=port) + more

    def _tip(self, x: float, y: float) -> None:
        self.canvas.line((x - 0.05, x, x + 0.05), (y + 0.09, y, y + 0.09), colour=BASE.colour,
                         width=1.6)  # fmt: skip

    def _container(self, place: int, node: Node, y: float) -> None:
        width = min(self.step - 0.12, 1.7)
        x = self._x(place) - width / 2
        self.canvas.box(x, y, width, BOX, dashed=not node.running, round_=0.05)
        note = ""
        if not node.running:
            note = _label("map.stopped")
        elif node in self._on_host():
            note = _label("map.host_network")
        elif set(node.networks) <= {NONE}:
            note = _label("map.no_network")
        middle = y + BOX / 2
        name = one_line(node.name, 60)
        size = 9.0 if measure(style.drawable(name), 9.0) <= width - 0.1 else 7.6
        self.canvas.write(x + width / 2, middle + (0.1 if note else 0), name, size=size,
                          align="center", width=width - 0.08)  # fmt: skip
        if note:
            self.canvas.write(x + width / 2, middle - 0.1, note, size=7.6, colour=GREY,
                              align="center", width=width - 0.08)  # fmt: skip

    def _drops(self, y: float) -> None:
        """Draw the lines to the networks first: they pass below those in between."""
        for place, node in enumerate(self.nodes):
            joined = [n for n, bus in enumerate(self.buses) if bus.name in node.networks]
            for offset, number in enumerate(joined):
                x = self._x(place) + 0.16 * (offset - (len(joined) - 1) / 2)
                end = y - 0.3 - BUS * (number + 0.5)
                colour = KINDS[self.buses[number].kind][0].colour
                self.canvas.line((x, x), (y, end), colour=colour, width=1.6)

    def _networks(self, top: float) -> float:
        y = top
        for number, bus in enumerate(self.buses):
            look, key = KINDS[bus.kind]
            middle = y - BUS / 2
            first = LEFT + NAMES - 0.05
            self.canvas.box(first, middle - 0.06, WIDTH - LEFT - first, 0.12, face=look.fill,
                            edge=look.colour, hatch=look.hatch, line=0.9)  # fmt: skip
            self.canvas.write(LEFT, middle + 0.1, one_line(bus.name, 60), size=9.5,
                              colour=look.colour, width=NAMES - 0.15)  # fmt: skip
            self.canvas.write(LEFT, middle - 0.1, _label(f"map.{key}"), size=7.8, colour=GREY,
                              width=NAMES - 0.1)  # fmt: skip
            for place, node in enumerate(self.nodes):
                joined = [n for n, b in enumerate(self.buses) if b.name in node.networks]
                if number in joined:
                    shift = joined.index(number) - (len(joined) - 1) / 2
                    x = self._x(place) + 0.16 * shift
                    self.canvas.box(x - 0.05, middle - 0.05, 0.1, 0.1, face=look.colour,
                                    edge=look.colour, round_=0.04)  # fmt: skip
            y -= BUS
        return y if self.buses else y - BUS

    def _matrix(self, top: float) -> None:
        canvas = self.canvas
        canvas.write(LEFT, top, _label("map.matrix"), size=10.5)
        y = top - 0.3
        width = self.step - 0.1
        for place, node in enumerate(self.nodes):
            canvas.write(self._x(place), y, one_line(node.name, 60), size=7.8, colour=GREY,
                         align="center", width=width)  # fmt: skip
        y -= 0.16
        known = {(reach.source, reach.target): reach for reach in self.survey.reaches}
        for row in self.rows:
            canvas.line((LEFT, WIDTH - LEFT), (y, y), colour=FAINT, width=0.8)
            name = _label("map.machine") if row == HOST else one_line(row, 60)
            canvas.write(LEFT, y - ROW / 2, name, size=9, width=NAMES - 0.15)
            for place, node in enumerate(self.nodes):
                if reach := known.get((row, node.name)):
                    self._cell(self._x(place), y - ROW / 2, width, reach)
            y -= ROW

    def _cell(self, x: float, y: float, width: float, reach: Reach) -> None:
        look = BLAME if not reach.reached else FOLLOWS if reach.by == "address" else HIT
        self.canvas.box(x - width / 2, y - 0.12, width, 0.24, face=look.fill, edge=look.colour,
                        line=0.7, round_=0.04)  # fmt: skip
        said = f"{look.symbol} {_label(f'map.cell.{how(reach)}')}"
        self.canvas.write(x, y, said, size=8, colour=look.colour, align="center",
                          width=width - 0.04)  # fmt: skip


def _label(key: str, **values: object) -> str:
    return style.drawable(text(f"networks.{key}", **values))
