"""The timeline of a fault: nodes by time, every task a bar, and what the orchestrator did when."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..healing.model import Story
from . import style
from .axis import Axis
from .canvas import Canvas
from .drawing import Drawing
from .orchestra import LEFT, RIGHT, WIDTH, said
from .story_band import BANDS, Band, bands_of, legend_of, legend_rows
from .story_moments import Moments
from .story_words import story_words, title_of
from .style import GREY

__all__ = ["story"]

START, END = LEFT + 1.05, RIGHT - 0.12  # of the axis of seconds
HEAD, ORDER = 0.4, 0.22  # inches of a story's title, and of its command
SPACE = 0.22  # between two stories


def story(*stories: Story, kind: str = "task") -> Drawing:
    """Draw what happened to tasks on their nodes, and what the orchestrator did about a fault.

    Parameters
    ----------
    stories: one or more, as `helpers.healing.record` and `update` return them; several stand below
        each other on one scale of time.
    kind: ``"task"`` or ``"pod"``: what the words call the things that run.

    A bar is a container; its colour and hatch say its state, the sign at its end why it ended.
    Numbered moments are named below. How long it took stands in the picture; the words hold moments
    and causes in their order, and what was reached.
    """
    titles = [title_of(one, kind) for one in stories] or [said("story.none")]
    title = said("semicolon").join(titles)
    with style.look():
        figure = _Stories(stories, kind).draw()
    told = [story_words(one, kind) for one in stories]
    words = "\n".join(told) if len(told) < 2 else "\n".join([title, *told])
    return Drawing(figure, title, words or title)


class _Stories:
    """The places of everything in the picture, from the top down."""

    def __init__(self, stories: tuple[Story, ...], kind: str) -> None:
        self.stories, self.kind = stories, kind
        last = max((one.seconds for one in stories), default=0.0)
        last = max([last, *(bar.end for one in stories for bar in one.bars)]) or 1.0
        # A canvas knows its height first, and lanes need only the axis.
        measure = Axis(Canvas(WIDTH, 1), START, END, last)
        self.bands = [bands_of(one, measure) for one in stories]
        self.moments = [Moments(one, kind) for one in stories]
        self.legend = legend_rows(legend_of(stories, kind))
        height = sum(map(self._height, range(len(stories)))) + SPACE * len(stories)
        height += 0.2 * len(self.legend) + 0.14 + (0.6 if not stories else 0.0)
        self.canvas = Canvas(WIDTH, height)
        self.axis = Axis(self.canvas, START, END, last)

    def _height(self, place: int) -> float:
        story, moments = self.stories[place], self.moments[place]
        order = ORDER if story.order else 0.0
        body = sum(band.height for band in self.bands[place]) or 0.3
        return HEAD + order + moments.above + body + 0.45 + moments.below

    def draw(self) -> Figure:
        canvas = self.canvas
        y = canvas.height
        for place, story in enumerate(self.stories):
            self._story(story, self.bands[place], self.moments[place], y)
            y -= self._height(place) + SPACE
        if not self.stories:
            canvas.write(LEFT, y - 0.3, style.drawable(said("story.none")), colour=GREY)
        y = 0.2 * len(self.legend) - 0.04
        for row in self.legend:
            for item in row:
                item.draw(canvas, y)
            y -= 0.2
        return canvas.figure

    def _story(self, story: Story, bands: list[Band], moments: Moments, top: float) -> None:
        canvas = self.canvas
        canvas.write(LEFT, top - 0.22, title_of(story, self.kind), size=11.5, width=RIGHT - LEFT)
        y = top - HEAD
        if story.order:
            canvas.write(LEFT, y - 0.07, f"$ {story.order}", size=8.5, mono=True, colour=GREY,
                         width=RIGHT - LEFT)  # fmt: skip
            y -= ORDER
        body = sum(band.height for band in bands) or 0.3
        upper = y - moments.above
        for number, band in enumerate(bands):
            band.draw(self.axis, upper, BANDS[number % 2], story)
            upper -= band.height
        foot = y - moments.above - body
        moments.draw(self.axis, y, foot)
        self.axis.draw(foot, style.drawable(said("story.axis")))
        moments.list(canvas, foot - 0.45)
