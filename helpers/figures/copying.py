"""One byte appended to a file of a lower layer: what the writable layer grows by, and the time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .rows import human, one_line
from .style import GREY, LAYER, RAN, WRITABLE
from .waterfall_words import seconds

WIDTH, LEFT = 8.6, 0.3
NAMES = 1.5
PANELS = (LEFT + NAMES, 5.55)  # where the bars of each panel start
LONGEST = (2.3, 1.9)  # inches of the longest bar of each
ROW = 0.36


class Touch(Protocol):
    """One byte that was written; `helpers.volumes.copy_on_write` returns such objects."""

    file: int
    layer: int
    grew: int
    seconds: float


class CopyOnWrite(Protocol):
    """What `helpers.volumes.copy_on_write` returns."""

    path: str
    size: int
    touches: Sequence[Touch]


def copy_on_write(found: CopyOnWrite) -> Drawing:
    """Draw what the writable layer grew by at each touch of a file, and how long each took.

    The picture shows the times of this run; the words tell them in the one form that is not
    compared, and everything else they say does not depend on the machine.

    Parameters
    ----------
    found: what `helpers.volumes.copy_on_write` measured.
    """
    first = found.touches[0].grew if found.touches else 0
    title = text(
        "volumes.copying.title", path=one_line(found.path, 80), size=human(found.size),
        grew=human(first),
    )  # fmt: skip
    with style.look():
        figure = _draw(found)
    return Drawing(figure, title, _words(title, found))


def _draw(found: CopyOnWrite):
    rows = len(found.touches) + 1
    canvas = Canvas(WIDTH, 1.15 + ROW * rows + 0.15)
    canvas.write(LEFT, canvas.height - 0.22, _label("copying.headline"), size=12)
    path = _label("copying.file", path=one_line(found.path, 60), size=human(found.size))
    canvas.write(LEFT, canvas.height - 0.47, path, colour=GREY, width=WIDTH - 2 * LEFT)
    heads = ("copying.grew", "copying.took")
    for x, key in zip(PANELS, heads, strict=True):
        canvas.write(x, canvas.height - 0.8, _label(key), size=9, width=WIDTH - x - 0.1)
    top = canvas.height - 0.98
    bottom = top - ROW * rows
    most = max([found.size, *(touch.grew for touch in found.touches)]) or 1
    longest = max((touch.seconds for touch in found.touches), default=0.0) or 1.0
    for x in PANELS:
        canvas.line((x, x), (bottom, top), colour=GREY, width=0.8)
    y = top - ROW / 2
    canvas.write(LEFT, y, _label("copying.image"), size=9, width=NAMES - 0.1)
    _bar(canvas, 0, y, found.size / most, LAYER.colour, LAYER.fill, "")
    _beside(canvas, 0, y, found.size / most, human(found.size))
    for number, touch in enumerate(found.touches, 1):
        y -= ROW
        canvas.write(LEFT, y, _label("copying.touch", number=number), size=9, width=NAMES - 0.1)
        _bar(canvas, 0, y, touch.grew / most, WRITABLE.colour, WRITABLE.fill, "....")
        _beside(canvas, 0, y, touch.grew / most, human(touch.grew))
        _bar(canvas, 1, y, touch.seconds / longest, RAN.colour, RAN.colour, "")
        _beside(canvas, 1, y, touch.seconds / longest, _time(touch.seconds))
    return canvas.figure


def _time(value: float) -> str:
    return _label("copying.milliseconds", count=f"{value * 1000:.3g}" if value else "0")


def _bar(canvas, panel: int, y: float, share: float, edge: str, face: str, hatch: str) -> None:
    if share:
        length = max(LONGEST[panel] * share, 0.02)
        canvas.box(PANELS[panel], y - 0.1, length, 0.2, face=face, edge=edge, hatch=hatch, line=0.8)


def _beside(canvas: Canvas, panel: int, y: float, share: float, words: str) -> None:
    x = PANELS[panel] + LONGEST[panel] * share + 0.08
    canvas.write(x, y, words, size=9, width=(PANELS[1] if panel == 0 else WIDTH) - x - 0.05)


def _words(title: str, found: CopyOnWrite) -> str:
    lines = [title, "  " + text("volumes.copying.in_image", size=human(found.size))]
    for number, touch in enumerate(found.touches, 1):
        lines.append(
            "  "
            + text(
                "volumes.copying.line",
                number=number,
                grew=human(touch.grew),
                layer=human(touch.layer),
                seconds=seconds(touch.seconds),
            )
        )
    return "\n".join(lines)


def _label(key: str, **values: object) -> str:
    return style.drawable(text(f"volumes.{key}", **values))
