"""One node of a story: a band with the bars of its tasks in lanes; and the legend of all bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.patches import Rectangle

from ..healing.model import Bar, Story
from . import style
from .axis import Axis
from .canvas import Canvas, measure
from .orchestra import LEFT, RIGHT, STATES, known, label, said, short
from .story_lanes import EDGE, Placed, Stay, bands, stays
from .story_words import causes_of
from .style import FAILED, GREY, INK, PAPER, Look

__all__ = ["BANDS", "Band", "Item", "bands_of", "legend_of", "legend_rows"]

BANDS = ("#f4f4f4", PAPER)  # grounds of bands, in turn
AWAY = "#f7e3ef"  # the ground of a node while it is stopped, cut off or drained
MOST = 26  # lanes of a node that are drawn
SIZE = 8.0  # points of the names
# Versions in the order in which they were seen; the name on the bar says which one, too.
VERSIONS = (STATES["running"], Look("#006ca9", "#cfe3f3"), Look("#7a3f78", "#f0e1ef"))
SIGNS = {
    "killed": "✗", "deleted": "∅", "failed": "!", "frozen": "❄", "unhealthy": "✚",
    "node_stopped": "▪", "node_cut": "✂", "drained": "↓",
    "updated": "↑", "rolled_back": "↺", "scaled_down": "−",
}  # fmt: skip
SIGN = "#7b1453"


@dataclass(frozen=True)
class Band:
    """A node's band; ``node`` is empty for what has no node."""

    node: str
    placed: tuple[Placed, ...]
    lanes: int
    lane: float
    versions: tuple[str, ...]

    @property
    def height(self) -> float:
        return max(min(self.lanes, MOST) * self.lane + 0.08, 0.3)

    def draw(self, axis: Axis, top: float, ground: str, story: Story) -> None:
        """Draw the band, its upper edge at ``top``."""
        canvas, foot = axis.canvas, top - self.height
        over = axis.at(story.seconds)
        self._ground(axis, LEFT, min(over + 0.05, RIGHT), foot, ground, 0.2)
        for begin, end in _away(story, self.node):
            self._ground(axis, axis.at(begin), axis.at(end), foot, AWAY, 0.3)
        name = short(self.node) if self.node else label("story.no_node")
        canvas.write(LEFT + 0.08, foot + self.height / 2, name, size=10, width=0.9,
                     colour=INK if self.node else STATES["waiting"].colour)  # fmt: skip
        axis.grid(foot, top)
        for one in self.placed:
            if one.lane < MOST:
                y = top - 0.04 - self.lane * (one.lane + 0.5)
                self._stay(axis, one, y, ground, story.seconds)
        if self.lanes > MOST:
            hidden = sum(one.lane >= MOST for one in self.placed)
            canvas.write(LEFT + 0.08, foot + 0.12, label("more", count=hidden), size=8, colour=GREY)

    def _ground(
        self, axis: Axis, left: float, right: float, foot: float, colour: str, zorder: float
    ) -> None:
        patch = Rectangle((left, foot), right - left, self.height, facecolor=colour,
                          edgecolor="none", zorder=zorder)  # fmt: skip
        axis.canvas.axes.add_patch(patch)

    def _stay(self, axis: Axis, one: Placed, y: float, ground: str, end: float) -> None:
        tall, canvas = self.lane - 0.05, axis.canvas
        for bar in one.stay.bars:
            self._bar(axis, bar, y - tall / 2, tall)
        words = name_of(one.stay)
        need = measure(words, SIZE)
        left, right = axis.at(one.stay.start), axis.at(one.stay.end)
        bar = one.stay.widest
        if one.side == "inside":
            middle = (axis.at(bar.start) + axis.at(bar.end)) / 2
            ground = look_of_bar(bar, self.versions).fill
        elif one.side == "right":
            middle = right + EDGE + need / 2
        else:
            middle = left - EDGE - need / 2
        # Or hatches and the lines of moments would run through the letters.
        canvas.box(middle - need / 2 - 0.02, y - tall / 2 + 0.03, need + 0.04, tall - 0.06,
                   face=ground, edge=ground, line=0.2)  # fmt: skip
        canvas.write(middle, y, words, size=SIZE, align="center")
        last = one.stay.bars[-1]
        if last.cause:
            _sign(canvas, right, y, SIGNS.get(last.cause, "·"))
        elif last.end >= end - 1e-6:  # it went on when nobody watched any more
            canvas.axes.plot((right + 0.05,), (y,), marker=">", markersize=5, zorder=2.6,
                             color=look_of_bar(last, self.versions).colour)  # fmt: skip

    def _bar(self, axis: Axis, bar: Bar, y: float, tall: float) -> None:
        look = look_of_bar(bar, self.versions)
        x = axis.at(bar.start)
        wide = max(axis.at(bar.end) - x, 0.03)  # a bar of no width would not be seen
        axis.canvas.box(x, y, wide, tall, face=look.fill, edge=look.colour, hatch=look.hatch,
                        line=0.9, dashed=bar.state == "lost")  # fmt: skip


def name_of(stay: Stay) -> str:
    """Return the name of a container as it stands at its bar: ``web.2``, ``web.2 (2)``."""
    name = short(stay.task)[:24]
    if stay.version:
        return style.drawable(f"{name} :{short(stay.version)[:10]}")
    return style.drawable(f"{name} ({stay.generation})" if stay.generation > 1 else name)


def versions_of(stories: Iterable[Story]) -> tuple[str, ...]:
    """Return the versions of some stories in the order in which they were seen."""
    bars = sorted((b for one in stories for b in one.bars if b.version), key=lambda b: b.start)
    return tuple(dict.fromkeys(bar.version for bar in bars))


def look_of_bar(bar: Bar, versions: tuple[str, ...]) -> Look:
    """Return colour and hatch of a state; of a running task by its version."""
    if bar.state == "running" and bar.version in versions:
        return VERSIONS[versions.index(bar.version) % len(VERSIONS)]
    return STATES.get(bar.state, STATES["lost"])


def bands_of(story: Story, axis: Axis) -> list[Band]:
    """Return a band for each node that had a task or that something happened to."""
    found = stays(story)
    used = {stay.node for stay in found} | {moment.node for moment in story.moments}
    nodes = [node for node in story.nodes if node in used]
    nodes += sorted(used - set(story.nodes) - {""})
    nodes += [""] if any(stay.node == "" for stay in found) else []
    versions = versions_of([story])
    lane = 0.25 if len(found) <= 24 else 0.2
    made = []
    for node in nodes:
        own = [stay for stay in found if stay.node == node]
        placed = bands(own, axis.at, lambda stay: measure(name_of(stay), SIZE), axis.end)
        lanes = max((one.lane + 1 for one in placed), default=0)
        made.append(Band(node, tuple(placed), lanes, lane, versions))
    return made


def _away(story: Story, node: str) -> list[tuple[float, float]]:
    """Return when a node was stopped, cut off or drained by the story's fault."""
    began = [m.seconds for m in story.moments if m.what == "fault" and node and m.node == node]
    undone = [m.seconds for m in story.moments if m.what == "undone"]
    return [(at, min((u for u in undone if u >= at), default=story.seconds)) for at in began]


def _sign(canvas: Canvas, x: float, y: float, sign: str) -> None:
    canvas.axes.plot((x,), (y,), marker="o", markersize=9.5, color=SIGN, zorder=2.6,
                     markeredgecolor=PAPER, markeredgewidth=0.8)  # fmt: skip
    canvas.write(x, y, sign, size=7.5, colour=PAPER, align="center")


@dataclass(frozen=True)
class Item:
    """One thing of the legend, with its place in its row."""

    x: float
    words: str
    look: Look
    sign: str = ""
    dashed: bool = False
    bare: bool = False

    def draw(self, canvas: Canvas, y: float) -> None:
        """Draw it, its middle at ``y``."""
        if self.sign:
            _sign(canvas, self.x + 0.1, y, self.sign)
        elif not self.bare:
            canvas.box(self.x, y - 0.07, 0.26, 0.14, face=self.look.fill, edge=self.look.colour,
                       hatch=self.look.hatch, line=0.9, dashed=self.dashed)  # fmt: skip
        canvas.write(self.x + self.inset, y, self.words, size=8.5, colour=GREY)

    @property
    def inset(self) -> float:
        return 0.0 if self.bare else 0.24 if self.sign else 0.33

    @property
    def width(self) -> float:
        return self.inset + measure(self.words, 8.5) + 0.2


def legend_of(stories: Iterable[Story], kind: str) -> list[Item]:
    """Return what the pictures of some stories need explained."""
    stories = tuple(stories)
    versions, items = versions_of(stories), []
    seen = {bar.state for one in stories for bar in one.bars}
    for state, look in STATES.items():
        if state not in seen:
            continue
        if state == "running" and versions:
            ran = {bar.version for one in stories for bar in one.bars if bar.state == "running"}
            for number, version in enumerate(versions):
                if version not in ran:  # its containers never came so far
                    continue
                words = label("bar.running_version", version=short(version)[:20])
                items.append(Item(0, words, VERSIONS[number % len(VERSIONS)]))
            continue
        items.append(Item(0, label(f"bar.{state}"), look, dashed=state == "lost"))
    for cause in dict.fromkeys(c for one in stories for c in causes_of(one)):
        words = style.drawable(known(f"cause.{cause}", cause))
        items.append(Item(0, words, FAILED, SIGNS.get(cause, "·")))
    if any(bar.end >= one.seconds and not bar.cause for one in stories for bar in one.bars):
        items.append(Item(0, "▶ " + label("story.goes_on"), FAILED, bare=True))
    if not versions and any(bar.generation > 1 for one in stories for bar in one.bars):
        items.append(Item(0, style.drawable(said(f"story.nth_{kind}")), FAILED, bare=True))
    return items


def legend_rows(items: list[Item]) -> list[list[Item]]:
    """Return the legend in rows that are not wider than the picture."""
    rows: list[list[Item]] = []
    x = RIGHT + 1
    for item in items:
        if x + item.width > RIGHT + 0.2:
            rows.append([])
            x = LEFT
        rows[-1].append(Item(x, item.words, item.look, item.sign, item.dashed, item.bare))
        x += item.width
    return rows
