"""The seven steps of an installation: a bar for the time of each, and what came of it."""

from __future__ import annotations

from matplotlib.figure import Figure

from ..install.model import STEPS
from ..install.run import Installation, Ran
from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .rows import one_line
from .style import FAINT, GREY, INK, RAN
from .waterfall_words import seconds

__all__ = ["seven_steps"]

WIDTH, LEFT, RIGHT = 8.6, 0.3, 0.3
NAMES = 4.6  # inches for number, name and outcome
START = LEFT + NAMES + 0.15  # of the time axis
ROW = 0.52
LONGEST = WIDTH - START - RIGHT - 0.75  # inches of the longest bar; its seconds stand behind it


def seven_steps(installation: Installation) -> Drawing:
    """Draw how long each of the seven steps took on the fresh server, and what came of it.

    Parameters
    ----------
    installation: what `helpers.install.Server.installation` returned. Steps that were not done yet
        have a row without a bar.

    The words hold durations as ``≈1.2 s``, and nothing else that time decides.
    """
    done = {ran.key: ran for ran in installation.steps}
    key = "title" if len(done) == len(STEPS) else "title_part"
    title = text(f"install.figure.{key}", steps=len(done))
    with style.look():
        figure = _draw(installation, done)
    return Drawing(figure, title, _words(title, installation, done))


def _draw(installation: Installation, done: dict[str, Ran]) -> Figure:
    canvas = Canvas(WIDTH, 1.25 + len(STEPS) * ROW)
    top = canvas.height
    canvas.write(LEFT, top - 0.22, _label("headline"), size=12)
    canvas.write(LEFT, top - 0.47, _label("under"), size=9, colour=GREY)
    first = top - 0.72
    canvas.line((START, START), (first, first - len(STEPS) * ROW), colour=GREY, width=0.8)
    most = max((ran.seconds for ran in done.values()), default=0.0) or 1.0
    for number, key in enumerate(STEPS, start=1):
        y = first - (number - 0.5) * ROW
        if number > 1:
            canvas.line((LEFT, START), (y + ROW / 2, y + ROW / 2), colour=FAINT, width=0.5)
        name = style.drawable(f"{number}  {text(f'install.step.{key}')}")
        canvas.write(LEFT, y + 0.11, name, size=10, width=NAMES)
        ran = done.get(key)
        outcome = one_line(ran.outcome, 90) if ran else text("install.figure.waiting")
        mono = bool(ran and ran.typed[-1].output)
        canvas.write(
            LEFT + 0.19, y - 0.11, style.drawable(outcome), size=8.5, colour=GREY, mono=mono,
            width=NAMES - 0.19,
        )  # fmt: skip
        if ran:
            length = max(LONGEST * ran.seconds / most, 0.02)
            canvas.box(START, y - 0.13, length, 0.26, face=RAN.colour, edge=RAN.colour, line=0.8)
            canvas.write(START + length + 0.08, y, f"{ran.seconds:.1f}", size=9.5, colour=INK)
    foot = first - len(STEPS) * ROW - 0.22
    place = _label("real" if installation.real else "stored")
    canvas.write(LEFT, foot, place, size=8.5, colour=GREY, width=NAMES)
    total = text("install.figure.total_seconds", seconds=f"{installation.seconds:.1f}")
    canvas.write(START, foot, style.drawable(total), size=9.5)
    return canvas.figure


def _words(title: str, installation: Installation, done: dict[str, Ran]) -> str:
    lines = [title]
    for number, key in enumerate(STEPS, start=1):
        ran = done.get(key)
        lines.append(
            text(
                "install.figure.line",
                number=number,
                step=text(f"install.step.{key}"),
                seconds=seconds(ran.seconds) if ran else "–",
                outcome=one_line(ran.outcome, 90) if ran else text("install.figure.waiting"),
            )
        )
    lines.append(text("install.figure.total", seconds=seconds(installation.seconds)))
    return "\n".join(lines)


def _label(key: str) -> str:
    return style.drawable(text(f"install.figure.{key}"))
