"""Shared responsibility: duties in rows, services in columns, and whose each one is."""

from __future__ import annotations

from typing import Protocol

from matplotlib.figure import Figure

from ..messages import text
from . import style
from .canvas import Canvas
from .drawing import Drawing
from .style import BASE, FAINT, GREY, LAYER
from .wrapping import wrapped

__all__ = ["responsibility"]

WIDTH, LEFT, NAMES = 8.6, 0.3, 3.6
ROW, HEAD = 0.5, 0.4


class Model(Protocol):
    """`helpers.aws.responsibility.MODEL` is such an object."""

    @property
    def services(self) -> tuple[str, ...]: ...

    @property
    def yours(self) -> dict[str, tuple[str, ...]]: ...


def responsibility(model: Model) -> Drawing:
    """Draw which duties are the customer's, service by service; all others are AWS's.

    Parameters
    ----------
    model: as `helpers.aws.responsibility` holds it. Duties stand from the building upwards, so
        they are drawn with the first one at the bottom.
    """
    counts = {one: sum(one in owners for owners in model.yours.values()) for one in model.services}
    most, least = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    title = text("primer.responsibility.title", most=_service(most), yours=counts[most],
                 least=_service(least), fewer=counts[least], all=len(model.yours))  # fmt: skip
    with style.look():
        figure = _draw(model)
    return Drawing(figure, title, _words(title, model))


def _service(name: str) -> str:
    return text(f"primer.service.{name}")


def _label(key: str) -> str:
    return style.drawable(text(f"primer.{key}"))


def _draw(model: Model) -> Figure:
    canvas = Canvas(WIDTH, 0.5 + HEAD + ROW * len(model.yours) + 0.2)
    canvas.write(LEFT, canvas.height - 0.22, _label("responsibility.headline"), size=12)
    wide = (WIDTH - 2 * LEFT - NAMES) / len(model.services)
    y = canvas.height - 0.5
    for place, service in enumerate(model.services):
        x = LEFT + NAMES + wide * (place + 0.5)
        canvas.write(x, y - HEAD / 2, _label(f"service.{service}"), size=9.5, align="center",
                     width=wide - 0.08)  # fmt: skip
    y -= HEAD
    for duty, owners in reversed(model.yours.items()):
        canvas.line((LEFT, WIDTH - LEFT), (y, y), colour=FAINT, width=0.8)
        canvas.write(LEFT, y - 0.16, duty, size=9.5, mono=True, width=NAMES - 0.1)
        line = wrapped(text(f"primer.duty.{duty}"), NAMES - 0.15, 8.5, most=1)[0]
        canvas.write(LEFT, y - 0.36, line, size=8.5, colour=GREY)
        for place, service in enumerate(model.services):
            _cell(canvas, LEFT + NAMES + wide * place, y, wide, service in owners)
        y -= ROW
    canvas.line((LEFT, WIDTH - LEFT), (y, y), colour=FAINT, width=0.8)
    return canvas.figure


def _cell(canvas: Canvas, x: float, y: float, wide: float, yours: bool) -> None:
    look, key = (LAYER, "yours") if yours else (BASE, "theirs")
    canvas.box(x + 0.06, y - ROW + 0.08, wide - 0.12, ROW - 0.16, face=look.fill,
               edge=look.colour, line=1.4 if yours else 0.6, round_=0.05)  # fmt: skip
    canvas.write(x + wide / 2, y - ROW / 2, _label(f"responsibility.{key}"), size=9,
                 colour=look.colour, align="center", width=wide - 0.2)  # fmt: skip


def _words(title: str, model: Model) -> str:
    lines = [title]
    for duty, owners in reversed(model.yours.items()):
        names = text("primer.comma").join(_service(one) for one in model.services if one in owners)
        key = "row" if owners else "row_theirs"
        lines.append("  " + text(f"primer.responsibility.{key}", duty=duty, names=names,
                                 what=text(f"primer.duty.{duty}")))  # fmt: skip
    return "\n".join(lines)
