"""Which of the builder's records are a build's own, where the daemon's list is not whole."""

from __future__ import annotations

import secrets
import subprocess

import pytest

from helpers import bases, builds
from helpers.builds import buildkit
from helpers.engine import Engine, build_cache, clock, journal

from ..conftest import missing

OLD = {"ID": "old", "Description": "theirs", "CreatedAt": "2026-11-25T03:00:00.5Z"}
NOW = {"ID": "now", "Description": "ours", "CreatedAt": "2026-11-25T04:00:00.000000001Z"}
BEGAN = clock.moment("2026-11-25T12:00:00+08:00")


@pytest.fixture
def looks(monkeypatch):
    """Return a function that says what the daemon lists, look by look; the last one stays."""

    def listed(*answers: list[dict]) -> None:
        left = list(answers)
        monkeypatch.setattr(
            build_cache, "_listed", lambda _: left.pop(0) if len(left) > 1 else left[0]
        )

    return listed


def test_what_a_look_missed_is_seen_by_the_next(looks):
    looks([NOW], [NOW, OLD], [OLD])
    assert build_cache.records(None) == {"now", "old"}
    looks([], [NOW])
    assert build_cache.records(None) == {"now"}


@pytest.mark.parametrize("used", [{}, {"LastUsedAt": "2026-11-25T05:00:00Z"}])
def test_a_record_older_than_the_build_is_not_its_own(looks, used):
    looks([NOW, OLD | used])
    assert build_cache.new(None, (), BEGAN) == {"now": "ours"}
    assert build_cache.new(None, {"now"}, BEGAN) == {}


def test_a_record_that_came_with_an_imported_cache_is_its_own(looks):
    before = OLD | {"LastUsedAt": "2026-11-25T03:59:59Z"}
    looks([NOW, before])
    assert build_cache.new(None, (), BEGAN, imported=True) == {"now": "ours"}
    looks([NOW, OLD])
    assert build_cache.new(None, (), BEGAN, imported=True) == {"now": "ours", "old": "theirs"}


def test_records_go_together_and_what_is_left_by_name(looks, monkeypatch):
    asked: list[list[str]] = []
    monkeypatch.setattr(build_cache, "_prune", lambda _, names: asked.append(names))
    looks([NOW, OLD], [OLD])
    assert build_cache.remove(None, {"now", "old", "gone"}) == {"old"}
    assert asked[0] == ["now", "old"], "the youngest first, and nothing that is not there"
    assert asked[-1] == ["old"]
    assert len(asked) == 3, "none is asked for again that cannot go"


@pytest.mark.daemon
def test_a_foreign_record_that_was_not_listed_is_not_taken_for_ours(
    engine: Engine, tmp_path, monkeypatch, capsys
):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    bases.busybox(engine)
    theirs = _foreign_build(engine)
    assert theirs
    (tmp_path / "Dockerfile").write_text(f"FROM lbl/busybox:1\nRUN : {secrets.token_hex()}\n")
    listed, begun = build_cache._listed, []

    def gap(asked: Engine) -> list[dict]:
        return [one for one in listed(asked) if begun or one["ID"] not in theirs]

    monkeypatch.setattr(build_cache, "_listed", gap)
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda asked: begun.append(now(asked)) or begun[0])
    held = set(journal.entries(engine, "build-cache"))
    builds.run(tmp_path, "lbl/test-gap:1", engine)
    mine = {entry.id for entry in set(journal.entries(engine, "build-cache")) - held}
    engine.client.api.remove_image("lbl/test-gap:1", force=True)
    assert begun and mine
    assert mine.isdisjoint(theirs)


def _foreign_build(engine: Engine) -> set[str]:
    """Return the records of a build that is not the course's."""
    before = build_cache.records(engine)
    subprocess.run(
        ["docker", "buildx", "build", "--no-cache", "-q", "-"],
        input=f"FROM lbl/busybox:1\nRUN : {secrets.token_hex()}\n", text=True,
        env=engine.environment(), check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    return build_cache.records(engine) - before
