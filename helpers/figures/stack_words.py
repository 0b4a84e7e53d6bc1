"""The words of the stack figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..images import Image
from ..messages import text
from ..text import columns, padded
from .rows import Row, config_items, human, one_line

if TYPE_CHECKING:
    from .layers import Writable


def stack_words(title: str, image: Image, steps: list[Row], writable: Writable | None) -> str:
    """Return everything that `helpers.figures.stack` shows, a line for each thing in it."""
    lines = [title, text("figures.stack.order")]
    if writable:
        lines.append("  " + writable_line(writable))
    items = "; ".join(config_items(image.config))
    lines.append("  " + text("figures.stack.config_words", items=items))
    made = [row for row in steps if row.number is not None]
    names = max((len(f"L{row.number}") for row in made), default=2)
    sizes = max((len(human(row.bytes)) for row in made), default=1)
    counts = max((columns(row.counts) for row in made), default=1)
    for row in reversed(steps):
        if row.number is None:
            words = text("figures.stack.empty_words", step=row.instruction)
            lines.append(f"  {'–':<{names}}  {words}")
        else:
            lines.append(
                f"  {f'L{row.number}':<{names}}  {human(row.bytes):>{sizes}}  "
                f"{padded(row.counts, counts)}  {row.instruction}"
            )
    if not image.layers:
        lines.append("  " + text("figures.stack.no_layers"))
    return "\n".join(lines)


def writable_line(writable: Writable) -> str:
    """Return what a writable layer holds, as one sentence."""
    counts = text(
        "figures.counts",
        added=len(writable.added),
        changed=len(writable.changed),
        removed=len(writable.deleted),
    )
    return text(
        "figures.stack.writable_words",
        name=one_line(writable.name, 60),
        counts=counts,
        size=human(writable.size),
    )
