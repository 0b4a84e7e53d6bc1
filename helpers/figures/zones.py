"""What runs in which Availability Zone, and what is left when one is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .rows import one_line
from .style import BLAME, FAINT, GREY, HIT, INK
from .wrapping import wrapped

__all__ = ["zones"]

WIDTH, LEFT = 8.6, 0.3
ROW, GAP = 0.36, 0.2
MOST = 60  # characters of a name

Place = Mapping[str, Sequence[str]]


def zones(place: Place, lost: str | None = None) -> Drawing:
    """Draw what runs in each zone, and what is left of each kind without one of them.

    Parameters
    ----------
    place: zone → what runs in it; a name that comes twice is two of that kind. Untrusted text.
    lost: the zone that fails.

    Raises
    ------
    KeyError: the zone is not in ``place``.
    """
    lost = lost if lost is None else one_line(lost, MOST)
    place = {one_line(zone, MOST): [one_line(one, MOST) for one in row]
             for zone, row in place.items()}  # fmt: skip
    before = Counter(one for row in place.values() for one in row)
    gone = Counter(place[lost]) if lost is not None else Counter()
    left = {kind: count - gone[kind] for kind, count in before.items()}
    dead = [kind for kind, count in left.items() if not count]
    if lost is None:
        title = text("primer.zones.title_all", count=len(place))
    elif dead:
        title = text("primer.zones.title_dead", zone=lost,
                     kinds=text("primer.comma").join(dead))  # fmt: skip
    else:
        title = text("primer.zones.title_alive", zone=lost)
    lines = [text("primer.zones.left", kind=kind, left=left[kind], count=before[kind])
             for kind in before]  # fmt: skip
    with style.look():
        figure = _draw(place, lost, lines if lost is not None else [], left)
    return Drawing(figure, title, _words(title, place, lost, lines))


def _draw(place: Place, lost: str | None, lines: list[str], left: dict[str, int]) -> Figure:
    rows = max((len(row) for row in place.values()), default=0)
    tall = 0.5 + ROW * max(rows, 1)
    canvas = Canvas(WIDTH, 0.55 + tall + 0.35 + 0.24 * len(lines))
    canvas.write(LEFT, canvas.height - 0.22, _label("zones.headline"), size=12)
    wide = (WIDTH - 2 * LEFT - GAP * (len(place) - 1)) / max(len(place), 1)
    top = canvas.height - 0.5
    for number, (zone, row) in enumerate(place.items()):
        x, look = LEFT + number * (wide + GAP), BLAME if zone == lost else HIT
        canvas.box(x, top - tall, wide, tall, face=look.fill if zone == lost else "#ffffff",
                   edge=look.colour, line=1.4, dashed=zone == lost)  # fmt: skip
        canvas.write(x + 0.1, top - 0.2, f"{look.symbol} {zone}", size=9.5, colour=look.colour,
                     width=wide - 0.2)  # fmt: skip
        for line, one in enumerate(row):
            y = top - 0.4 - ROW * line
            canvas.box(x + 0.1, y - ROW + 0.08, wide - 0.2, ROW - 0.08, face="#ffffff",
                       edge=FAINT if zone == lost else GREY, line=0.8, round_=0.04)  # fmt: skip
            canvas.write(x + wide / 2, y - ROW / 2 + 0.04, one, size=9, align="center",
                         colour=GREY if zone == lost else INK, width=wide - 0.3)  # fmt: skip
    y = top - tall - 0.24
    for line, kind in zip(lines, left, strict=False):
        look = HIT if left[kind] else BLAME
        said = wrapped(f"{look.symbol} {line}", WIDTH - 2 * LEFT, 9.5, most=1)[0]
        canvas.write(LEFT, y, said, size=9.5, colour=look.colour)
        y -= 0.24
    return canvas.figure


def _label(key: str) -> str:
    return style.drawable(text(f"primer.{key}"))


def _words(title: str, place: Place, lost: str | None, lines: list[str]) -> str:
    found = [title]
    for zone, row in place.items():
        look = BLAME if zone == lost else HIT
        found.append(f"  {look.symbol} {zone}: {text('primer.comma').join(row)}")
    return "\n".join([*found, *(f"  {line}" for line in lines if lost is not None)])
