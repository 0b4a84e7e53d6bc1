"""Steps out of what the builder told, where it tells one twice or not at all; no daemon."""

from __future__ import annotations

from helpers.builds import buildkit
from helpers.builds.assembly import steps_of
from helpers.builds.plan import Base, plan
from helpers.builds.rawjson import Progress, Vertex
from helpers.contexts import Snapshot


def states(dockerfile: str, *told: Vertex) -> list[str]:
    progress = Progress()
    progress.vertices = {vertex.digest: vertex for vertex in told}
    made = plan(dockerfile, Snapshot(), {"b": Base("chain")})
    outcome = buildkit.Outcome(progress, True)
    return [step.state for step in steps_of(made, outcome, dockerfile)]


def test_a_linked_copy_is_told_twice() -> None:
    """Engine 28.5.2 with the containerd store: the copy hits, laying it on top runs."""
    text = "FROM b\nCOPY --link a /\n"
    laid = Vertex("1", "[2/2] LINK COPY --link a /", started=1.0, completed=1.1)
    copied = Vertex("2", "[2/2] COPY --link a /", started=1.0, completed=1.0, cached=True)
    assert states(text, laid, copied) == states(text, copied, laid) == ["base", "cached"]


def test_two_stages_that_begin_alike_are_done_once() -> None:
    text = "FROM b AS one\nRUN x\nFROM b AS two\nRUN x\nCOPY --from=one /x /y\n"
    ran = Vertex("1", "[two 2/3] RUN x", started=1.0, completed=2.0)
    copied = Vertex("2", "[two 3/3] COPY --from=one /x /y", started=2.0, completed=3.0)
    assert states(text, ran, copied) == ["base", "ran", "base", "ran", "ran"]


def test_a_step_that_was_given_up_was_not_reached() -> None:
    text = "FROM b\nRUN x\nRUN y\n"
    ran = Vertex("1", "[2/3] RUN x", started=1.0, completed=2.0, error="process: exit code: 1")
    other = Vertex("2", "[3/3] RUN y", started=1.0, completed=2.0, error="context canceled")
    assert states(text, ran, other) == ["base", "failed", "unreached"]
    assert states(text, Vertex("1", "[2/3] RUN x")) == ["base", "unreached", "unreached"]
