"""Rule 1: what is not the course's stays untouched, and nothing of the course is left."""

from __future__ import annotations

import io
from collections.abc import Iterator

import docker
import pytest

from helpers.engine import Engine, build_cache, cleanup, inventory, journal, labels

from . import foreign

pytestmark = pytest.mark.daemon


@pytest.fixture
def crowded(engine: Engine) -> Iterator[Engine]:
    """The test engine with somebody else's things in it."""
    cleanup.clean(engine)
    foreign.everything(engine)
    yield engine
    cleanup.clean(engine)
    foreign.remove(engine)


def _ours(engine: Engine, lesson: str) -> None:
    client = engine.client
    marks = labels.make(lesson)
    dockerfile = f"FROM {foreign.IMAGE}\nLABEL {' '.join(f'{k}={v}' for k, v in marks.items())}\n"
    client.images.build(
        fileobj=io.BytesIO(dockerfile.encode()), tag=f"lbl/{lesson}-thing:1", rm=True
    )
    client.volumes.create(f"lbl-{lesson}-data", labels=marks)
    client.networks.create(f"lbl-{lesson}-net", labels=marks)
    client.containers.run(
        f"lbl/{lesson}-thing:1", ["sleep", "600"], detach=True, labels=marks, init=True
    )
    client.containers.create(f"lbl/{lesson}-thing:1", ["sh"])  # by hand: the label is inherited


def test_foreign_objects_stay_and_ours_go(crowded: Engine) -> None:
    before = inventory.take(crowded)
    _ours(crowded, "01")
    during = inventory.take(crowded)
    assert {t.kind for t in during.ours} == {"image", "container", "network", "volume"}
    removed = cleanup.clean(crowded)
    after = inventory.take(crowded)
    assert before.foreign_changes(after) == []
    assert after.ours == []
    assert removed.counts["container"] == 2
    assert "2" in str(removed)
    assert cleanup.clean(crowded).counts["container"] == 0


def test_a_lesson_is_cleaned_alone(crowded: Engine) -> None:
    _ours(crowded, "01")
    _ours(crowded, "02")
    cleanup.clean(crowded, lesson="01")
    assert {t.lesson for t in inventory.take(crowded).ours} == {"02"}


def test_a_name_you_gave_is_kept(crowded: Engine) -> None:
    _ours(crowded, "01")
    crowded.client.images.get("lbl/01-thing:1").tag("foreign/mine", "1")
    removed = cleanup.clean(crowded)
    assert removed.kept == ("foreign/mine:1",)
    assert crowded.client.images.get("foreign/mine:1").tags == ["foreign/mine:1"]
    crowded.client.images.remove("foreign/mine:1")


def test_a_foreign_change_is_seen(crowded: Engine) -> None:
    before = inventory.take(crowded)
    container = crowded.client.containers.get("foreign-runs")
    container.kill()
    container.wait(timeout=30)
    changes = before.foreign_changes(inventory.take(crowded))
    assert [line.split()[:3] for line in changes] == [
        ["-", "container", "foreign-runs"],
        ["+", "container", "foreign-runs"],
    ]


def test_build_cache_goes_by_id(crowded: Engine) -> None:
    environment = crowded.environment()
    mine = _build(crowded, environment, "mine")
    # What a foreign build has come to stand on stays, and stays in the journal.
    held = set(journal.entries(crowded, "build-cache"))
    journal.record("build-cache", _build(crowded, environment, "course"), crowded, "01")
    entries = set(journal.entries(crowded, "build-cache")) - held
    assert entries
    assert {e.id for e in entries}.isdisjoint(mine)
    removed = cleanup.clean(crowded)
    assert removed.builds_forgotten == (crowded.store == "containerd")
    left = build_cache.records(crowded)
    assert left >= mine
    assert left.isdisjoint(e.id for e in entries)
    assert set(journal.entries(crowded, "build-cache")) <= held


def _build(engine: Engine, environment: dict[str, str], word: str) -> set[str]:
    import subprocess

    dockerfile = f"FROM {foreign.IMAGE}\nRUN echo {word} > /{word}\n"
    before = build_cache.records(engine)
    command = ["docker", "buildx", "build", "--no-cache", "-q", "-t", "foreign/busybox:built", "-"]
    subprocess.run(command, input=dockerfile, text=True, env=environment, check=True, timeout=120)
    engine.client.images.remove("foreign/busybox:built", force=True)
    return build_cache.records(engine) - before


def test_what_is_gone_already_is_no_error(crowded: Engine) -> None:
    _ours(crowded, "01")
    seen = inventory.take(crowded)
    cleanup.clean(crowded)
    container = next(t for t in seen.ours if t.kind == "container")
    with pytest.raises(docker.errors.NotFound):
        crowded.client.containers.get(container.id)
    assert not cleanup._container(crowded, container, [])
