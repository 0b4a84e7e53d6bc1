"""The words of the waterfall: durations in one form, and nothing else that time decides."""

from __future__ import annotations

from ..builds.model import FAILED, RAN, Trace
from ..messages import text
from .marks import listed, marks
from .rows import one_line
from .stage_needs import apart, needs

PAIRS = 10  # of stages that are listed


def seconds(value: float) -> str:
    """Return ``≈1.2 s``: the one form in which words tell a duration (see ``sanitize.cfg``)."""
    return text("figures.seconds", seconds=f"{value:.1f}")


def waterfall_words(title: str, trace: Trace) -> str:
    """Return everything that `helpers.figures.waterfall` shows but the overlaps of one run.

    Which stages may run at the same time follows from what they use, not from the clock.
    """
    ends = [
        f"  {seconds(step.duration)}"
        if step.state in (RAN, FAILED) and step.duration is not None
        else ""
        for step in trace.steps
    ]
    lines = [title, text("figures.in_order"), *listed(marks(trace), ends)]
    used = needs(trace)
    if len(used) > 1:
        lines += [_needs(name, others) for name, others in used.items()]
        if pairs := apart(trace):
            lines.append(_apart(pairs))
    return "\n".join(lines)


def _needs(name: str, others: tuple[str, ...]) -> str:
    if not others:
        return text("figures.waterfall.needs_none", stage=one_line(name, 60))
    joined = text("figures.waterfall.comma").join(one_line(other, 60) for other in others)
    return text("figures.waterfall.needs", stage=one_line(name, 60), others=joined)


def _apart(pairs: list[tuple[str, str]]) -> str:
    told = [
        text("figures.waterfall.pair", one=one_line(one, 60), other=one_line(other, 60))
        for one, other in pairs[:PAIRS]
    ]
    if len(pairs) > PAIRS:
        told.append(text("figures.waterfall.more", count=len(pairs) - PAIRS))
    return text("figures.waterfall.apart", pairs=text("figures.waterfall.semicolon").join(told))
