"""What the pictures of a cluster have in common: colours of services, states of tasks, words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..messages import has, text
from . import style
from .canvas import Canvas, measure
from .rows import one_line
from .style import CONFIG, FAILED, GREY, INK, LAYER, PAPER, SHARED, WASTE, WRITABLE, Look

__all__ = [
    "KINDS", "LEFT", "RIGHT", "SERVICES", "STATES", "WIDTH", "chip", "counted", "heading", "key",
    "known", "label", "look_of", "said", "short",
]  # fmt: skip

WIDTH, LEFT, RIGHT = 8.6, 0.3, 8.3
KINDS = ("task", "pod")
# One look for each service; its name stands on each chip, so a colour may come again.
SERVICES = (
    LAYER, WRITABLE, SHARED, Look("#7a3f78", "#f0e1ef"), CONFIG, Look("#404040", "#e4e4e4"),
)  # fmt: skip
# Colour, hatch and sign of what a task is at: any one of them is enough.
STATES = {
    "running": Look("#007656", "#d5efe6"),
    "starting": Look("#7d5a00", "#fdf3d6", hatch="....", symbol="○"),
    "unhealthy": Look(FAILED.colour, FAILED.fill, hatch="+++", symbol="!"),
    "stopping": Look("#595959", "#e2e2e2", hatch="----", symbol="■"),
    "lost": Look("#595959", "#ffffff", hatch="xxxx", symbol="?"),
    "waiting": Look(WASTE.colour, WASTE.fill, hatch="////", symbol="…"),
}


def said(key: str, /, **values: object) -> str:
    """Return the message ``orchestration.<key>``."""
    return text(f"orchestration.{key}", **values)


def label(key: str, /, **values: object) -> str:
    """Return the message ``orchestration.<key>`` for use in a picture."""
    return style.drawable(said(key, **values))


def known(key: str, other: object) -> str:
    """Return the message ``orchestration.<key>``; ``other``, made harmless, if there is none."""
    return said(key) if has(f"orchestration.{key}") else one_line(str(other), 60)


def counted(what: str, count: int) -> str:
    """Return ``1 node`` or ``3 nodes``: the message ``orchestration.<what>.one`` or ``.many``."""
    return said(f"{what}.{'one' if count == 1 else 'many'}", count=count)


def short(name: str) -> str:
    """Return an untrusted name as one line of at most 60 characters."""
    return one_line(name, 60)


def look_of(service: str, services: Sequence[str]) -> Look:
    """Return the look of a service: its place among ``services`` decides."""
    place = list(services).index(service) if service in services else len(services)
    return SERVICES[place % len(SERVICES)]


def heading(canvas: Canvas, title: str, order: str = "") -> float:
    """Write the title and the command below it; return the height that they take."""
    canvas.write(LEFT, canvas.height - 0.22, style.drawable(title), size=12, width=RIGHT - LEFT)
    if not order:
        return 0.42
    canvas.write(LEFT, canvas.height - 0.47, one_line(order), size=8.5, mono=True, colour=GREY,
                 width=RIGHT - LEFT)  # fmt: skip
    return 0.66


def chip(
    canvas: Canvas, x: float, y: float, width: float, name: str, look: Look, state: str = "running"
) -> None:
    """Draw a task as a chip of ``width`` inches and 0.26 high, ``y`` its middle.

    Parameters
    ----------
    look: that of its service.
    state: a key of `STATES`; all but ``"running"`` have a dashed line and a sign before the name.
    """
    running = state == "running"
    edge = look.colour if state in ("running", "starting") else STATES[state].colour
    face = look.fill if state in ("running", "waiting") else PAPER
    face = STATES[state].fill if state == "stopping" else face
    canvas.box(x, y - 0.13, width, 0.26, face=face, edge=edge, dashed=not running, round_=0.06)
    shown = name if running else f"{STATES[state].symbol} {name}"
    canvas.write(x + width / 2, y, shown, size=8.5, align="center", width=width - 0.1,
                 colour=INK if running else edge)  # fmt: skip


def key(canvas: Canvas, y: float, items: Iterable[tuple[Look, str, bool]], x: float = LEFT) -> None:
    """Draw a legend in one row, ``y`` its middle: look, words, whether its line is dashed.

    A look with the symbol ``—`` is shown as a line, any other one as a box.
    """
    for look, words, dashed in items:
        words = style.drawable(words)
        if x + 0.36 + measure(words, 8.5) > RIGHT + 0.1:
            return
        if look.symbol == "—":
            canvas.line((x, x + 0.26), (y, y), colour=look.colour, width=2.0, dashed=dashed)
        else:
            canvas.box(x, y - 0.07, 0.26, 0.14, face=look.fill, edge=look.colour,
                       hatch=look.hatch, line=0.9, dashed=dashed)  # fmt: skip
        x += 0.34 + canvas.write(x + 0.32, y, words, size=8.5, colour=GREY) + 0.2
