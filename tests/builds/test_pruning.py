"""What a pruned or imported cache does to the next build, and to what the course knows of it."""

from __future__ import annotations

import secrets

import pytest

from helpers import bases, builds, registry
from helpers.builds import buildkit
from helpers.engine import build_cache, journal
from tests.conftest import missing


class Context:
    """A context of a lesson that the course does not have."""

    def __init__(self, folder):
        self.lesson, self.folder, self.shown = "97", folder, "contexts/97-test"


@pytest.fixture
def context(engine, tmp_path):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    bases.busybox(engine)
    (tmp_path / "Dockerfile").write_text("FROM lbl/busybox:1\nCOPY a /a\nRUN cat /a > /b\n")
    (tmp_path / "a").write_text(secrets.token_hex())
    yield Context(tmp_path)
    engine.client.api.remove_image("lbl/test-prune:1", force=True)


def _run(context, engine, **options):
    return builds.run(context, "lbl/test-prune:1", engine, **options)


def test_after_a_hit_a_pruned_step_is_still_known_as_pruned(context, engine, capsys):
    _run(context, engine)
    before = _run(context, engine)
    assert not before.trace.ran
    foreign = build_cache.records(engine) - {
        entry.id for entry in journal.entries(engine, "build-cache") if entry.lesson == "97"
    }
    builds.prune(context, engine)
    assert build_cache.records(engine) == foreign, "only what the lesson's builds left goes"
    assert len(builds.predict(context, engine=engine).runs) == 2
    after = _run(context, engine)
    assert [r.cause.kind for r in builds.explain(before, after, engine).blame] == ["pruned"]
    assert not _run(context, engine).trace.ran, "what ran is there again"


def test_an_imported_result_is_a_hit_and_is_foretold_as_one(context, engine, capsys):
    shelf = registry.start(engine, lesson="97")
    _run(context, engine, cache_to="type=inline")
    shelf.push("lbl/test-prune:1")
    builds.prune(context, engine)
    cache = f"type=registry,ref={shelf.url}/lbl/test-prune:1"
    assert len(_run(context, engine, cache_from=cache).trace.cached) == 2
    assert len(builds.predict(context, engine=engine).hits) == 2
    assert len(_run(context, engine).trace.cached) == 2
    builds.prune(context, engine)


def test_on_a_containerd_store_of_the_learners_nothing_is_pruned(context, engine, capsys):
    _run(context, engine)
    before = build_cache.records(engine)
    own = type("Own", (), {"store": "containerd", "endpoint": type("E", (), {"private": False})})
    builds.prune(context, own())
    assert build_cache.records(engine) == before
    assert "docker builder prune" in capsys.readouterr().out.splitlines()[-2]
    builds.prune(context, engine)


def test_each_export_is_done_or_refused_in_the_builders_words(context, engine, capsys):
    shelf = registry.start(engine, lesson="97")
    builds.try_exports(context, "lbl/test-prune:1", shelf.url, engine)
    told = capsys.readouterr().out
    assert told.count("docker build") == 3
    assert told.count("Refused by the builder") == (0 if engine.store == "containerd" else 2)
    assert not list(context.folder.parent.glob(f".{context.folder.name}-cache"))
    cached = "lbl/test-prune:build-cache" in shelf.catalogue()
    assert cached == (engine.store == "containerd")
    builds.prune(context, engine)
