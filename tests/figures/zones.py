"""Steps of a quorum, as data."""

from __future__ import annotations

from helpers.quorum import Step
from helpers.quorum.model import LOST, STUCK, WORKS

ALL = {"a": WORKS, "b": WORKS, "c": WORKS}
TWO = {**ALL, "a": LOST}
ONE = {"a": LOST, "b": LOST, "c": STUCK}
BACK = {"a": WORKS, "b": LOST, "c": WORKS}

STEPS = (
    Step("start", "", ALL),
    Step("write", "colour=blue", ALL, done=True),
    Step("lose", "a", TWO),
    Step("write", "colour=green", TWO, done=True),
    Step("lose", "b", ONE),
    Step("write", "colour=red", ONE, done=False),
    Step("read", "colour=green", ONE, done=True, stale=True),
    Step("back", "a", BACK),
)
# Names that a learner may choose, five members, and more steps than are drawn.
FIVE = {f"<b>zone-{number}</b> with a long name": WORKS for number in range(5)}
ODD = tuple(
    Step("write", f"<script>key-{n}</script>=\x1b[31mvalue", FIVE, done=True) for n in range(12)
)
