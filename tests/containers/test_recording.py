"""Events of a real engine, recorded while containers live; twice the same story."""

from __future__ import annotations

import pytest

from helpers import bases, containers
from helpers.containers import Probe
from helpers.errors import NotFound

pytestmark = pytest.mark.daemon
NAME, OTHER, FOREIGN = "lbl-04-life", "lbl-04-other", "test-foreign-life"


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    for name in (NAME, OTHER):
        containers.remove(name, engine=engine)


def _kinds(life: containers.Life) -> list[str]:
    return [f"{e.kind} {e.detail}".strip() for e in life.events]


def _states(life: containers.Life) -> list[tuple[str, int | None]]:
    return [(span.state, span.code) for span in life.spans]


def _whole_life(engine, image) -> containers.Timeline:
    with containers.record(NAME, engine=engine) as seen:
        containers.run(
            image, ["sleep", "600"], NAME, detach=True, init=True, health=Probe("true"),
            engine=engine,
        )  # fmt: skip
        containers.pause(NAME, engine=engine)
        containers.unpause(NAME, engine=engine)
        containers.exec(NAME, ["echo", "hi"], engine=engine)
        containers.health(NAME, engine=engine)
        containers.stop(NAME, engine=engine)
        containers.start(NAME, engine=engine)
        containers.kill(NAME, engine=engine)
        containers.remove(NAME, engine=engine)
    return containers.timeline(seen)


def test_a_whole_life_and_the_same_when_the_cell_runs_twice(engine, image):
    first, second = _whole_life(engine, image), _whole_life(engine, image)
    for found in (first, second):
        (life,) = found.lives
        assert _states(life) == [
            ("created", None), ("running", None), ("paused", None), ("running", None),
            ("exited", 143), ("running", None), ("exited", 137),
        ]  # fmt: skip
        assert _kinds(life) == [
            "create", "start", "pause", "unpause", "exec_start echo hi", "exec_die 0",
            "health_status healthy", "kill 15", "die 143", "stop", "start", "kill 9", "die 137",
            "destroy",
        ]  # fmt: skip
        assert life.removed is not None and (life.starts, life.restarts) == (2, 0)
        ends = [(span.start, span.end) for span in life.spans]
        assert all(a <= b for a, b in ends) and ends == sorted(ends)


def test_a_container_left_by_an_earlier_run_is_not_part_of_the_story(engine, image):
    def story() -> list[str]:
        with containers.record(NAME, engine=engine) as seen:
            containers.run(image, ["true"], NAME, engine=engine)
        return [kind for life in containers.timeline(seen).lives for kind in _kinds(life)]

    assert story() == story() == ["create", "start", "die 0"]


def test_restarts_by_the_policy_are_told_from_others(engine, image):
    with containers.record(NAME, OTHER, engine=engine) as seen:
        containers.run(
            image, ["sh", "-c", "exit 3"], NAME, restart="on-failure:2", detach=True, engine=engine
        )
        containers.wait(NAME, engine=engine)
        containers.run(image, ["sleep", "600"], OTHER, detach=True, restart="always", engine=engine)
        containers.restart(OTHER, 0, engine=engine)
        containers.stop(OTHER, 0, engine=engine)
    found = containers.timeline(seen)
    assert _states(found.of(NAME)) == [
        ("created", None), ("running", None), ("restarting", 3), ("running", None),
        ("restarting", 3), ("running", None), ("exited", 3),
    ]  # fmt: skip
    assert (found.of(NAME).starts, found.of(NAME).restarts) == (3, 2)
    assert (found.of(OTHER).starts, found.of(OTHER).restarts) == (2, 0)
    assert _states(found.of(OTHER))[-1] == ("exited", 137)  # stopped: not even `always` helps


def test_out_of_memory_is_an_event_even_where_the_engine_misses_it(engine, image):
    with containers.record(NAME, engine=engine) as seen:
        containers.run(image, ["tail", "/dev/zero"], NAME, memory="16m", engine=engine)
    (life,) = containers.timeline(seen).lives
    assert _kinds(life) == ["create", "start", "oom", "die 137"]


def test_what_is_not_asked_for_is_not_recorded(engine, image):
    api = engine.client.api
    api.import_image_from_data(_tar(), repository=FOREIGN, tag="1")
    try:
        with containers.record(engine=engine) as seen:
            foreign = api.create_container(f"{FOREIGN}:1", ["x"], name=FOREIGN)["Id"]
            containers.run(image, ["true"], NAME, engine=engine)
            # the look at the host is a container of the course, and none of a lesson
            containers.run(image, ["sleep", "600"], OTHER, detach=True, engine=engine)
            containers.beside(OTHER, engine=engine)
        with containers.record(NAME, engine=engine) as named:
            containers.remove(OTHER, engine=engine)
            api.remove_container(foreign)
        names = {event.container for event in seen.events}
        assert names == {NAME, OTHER}
        assert named.events == [] and containers.timeline(named).lives == ()
    finally:
        for clean in (api.remove_container, api.remove_image):
            name = FOREIGN if clean == api.remove_container else f"{FOREIGN}:1"
            try:
                clean(name)
            except Exception as error:
                assert "No such" in str(error)


def test_a_container_that_ran_before_is_told_from_its_state_then(engine, image):
    containers.run(image, ["sleep", "600"], NAME, detach=True, engine=engine)
    with containers.record(NAME, engine=engine) as seen:
        containers.pause(NAME, engine=engine)
    (life,) = containers.timeline(seen).lives
    assert _states(life) == [("running", None), ("paused", None)]


def test_an_error_in_the_block_comes_through_and_the_events_are_there(engine, image):
    recording = containers.record(NAME, engine=engine)
    with pytest.raises(NotFound), recording as seen:
        containers.run(image, ["true"], NAME, engine=engine)
        containers.stop("lbl-04-nowhere", engine=engine)
    assert [event.kind for event in seen.events] == ["create", "start", "die"]


def _tar() -> bytes:
    from helpers.bases.archive import LayerWriter

    with LayerWriter() as tar:
        tar.add("file", b"foreign")
    return tar.file.read()
