"""A build whose image could not be unpacked is asked for once more, and tells the same story."""

from __future__ import annotations

import secrets

import pytest

from helpers import bases, builds
from helpers.builds import buildkit
from helpers.errors import BuildFailed
from tests.conftest import missing

WORDS = (
    'failed to prepare extraction snapshot "extract-474288319-Bdl- sha256:6e7a": '
    "parent snapshot sha256:163b does not exist: not found"
)  # Engine 28.5.2, containerd image store


@pytest.fixture
def context(engine, tmp_path):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    bases.busybox(engine)
    (tmp_path / "Dockerfile").write_text(
        f"FROM lbl/busybox:1\nRUN echo {secrets.token_hex()} > /r\n"
    )
    yield tmp_path
    engine.client.api.remove_image("lbl/test-unpack:1", force=True)


def _failing(monkeypatch, times, words):
    """Let so many builds end with these words, after their steps were done."""
    real, calls = buildkit._once, []

    def once(*args, **kwargs):
        outcome = real(*args, **kwargs)
        calls.append(outcome)
        failed = len(calls) <= times
        return buildkit.Outcome(outcome.progress, False, words) if failed else outcome

    monkeypatch.setattr(buildkit, "_once", once)
    return calls


def test_the_second_try_counts_and_the_first_one_is_told(context, engine, monkeypatch, capsys):
    calls = _failing(monkeypatch, 1, WORDS)
    built = builds.run(context, "lbl/test-unpack:1", engine)
    assert len(calls) == 2
    told = [[v.cached for v in one.progress.vertices.values() if v.place] for one in calls]
    assert told[0] != told[1], "the second try found the step in the cache"
    assert [step.word for step in built.trace.ran] == ["RUN"]


def test_a_second_failure_and_any_other_are_raised(context, engine, monkeypatch, capsys):
    builds.run(context, "lbl/test-unpack:1", engine)
    for times, words, count in ((2, WORDS, 2), (1, "no such host", 1)):
        with monkeypatch.context() as patch:
            calls = _failing(patch, times, words)
            with pytest.raises(BuildFailed):
                builds.run(context, "lbl/test-unpack:1", engine)
            assert len(calls) == count
