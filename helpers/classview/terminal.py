"""A class as text for a terminal."""

from __future__ import annotations

from ..messages import text
from ..text import columns, padded
from .model import Overview
from .telling import Row, tell

__all__ = ["draw", "fitted"]


def draw(overview: Overview, *, names: bool = True) -> str:
    """Return the groups that are stuck, the exercises and the learners, each under a heading."""
    told = tell(overview, names=names)
    lines = [told.heading, told.summary, "", text("classview.stuck")]
    hinted = set()
    for spot in told.spots:
        lines += [f"  ✗ {spot.exercise} — {spot.count}", f"    {spot.words}"]
        lines += [f"    · {member}" for member in spot.members]
        if spot.exercise not in hinted:  # the hints are the exercise's, not the message's
            hinted.add(spot.exercise)
            lines += [
                f"    {text('classview.hint', number=number, words=words)}"
                for number, words in enumerate(spot.hints, 1)
            ]
    if not told.spots:
        lines.append(f"  {text('classview.nobody')}")
    lines += ["", text("classview.exercises"), *_table(told.exercise_head, told.exercises)]
    lines += ["", text("classview.learners"), *_table(told.learner_head, told.learners)]
    return "\n".join(lines)


def fitted(shown: str, height: int) -> str:
    """Return what fits into ``height`` lines; how much was cut off stands in the last of them."""
    lines = shown.split("\n")
    if len(lines) <= height:
        return shown
    kept = lines[: max(1, height - 1)]
    return "\n".join([*kept, text("classview.more", count=len(lines) - len(kept))])


def _table(head: tuple[str, ...], rows: tuple[Row, ...]) -> list[str]:
    if not rows:
        return [f"  {text('classview.nothing')}"]
    all_ = [head, *(row.cells for row in rows)]
    widths = [max(columns(cell) for cell in column) for column in zip(*all_, strict=True)]
    lines = [
        "  " + "  ".join(padded(cell, w) for cell, w in zip(cells, widths, strict=True)).rstrip()
        for cells in all_
    ]
    return [lines[0], "  " + "─" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]]
