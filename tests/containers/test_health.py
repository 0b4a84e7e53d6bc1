"""Waiting for a container's health."""

from __future__ import annotations

import pytest

from helpers import bases, builds, containers
from helpers.errors import ContainerFailed, TimedOut

NAME, TAG = "lbl-test-health", "lbl/test-health:1"
DOCKERFILE = """\
FROM lbl/busybox:1
HEALTHCHECK --interval=1s --retries=1 CMD test ! -e /ill || { echo it is ill; exit 1; }
CMD ["sleep", "60"]
"""


@pytest.fixture
def image(engine, tmp_path):
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    builds.run(tmp_path, TAG, engine)
    yield TAG
    containers.remove(NAME, engine=engine)
    engine.client.images.remove(TAG, force=True)


def test_health_comes_goes_and_is_printed(engine, image, capsys):
    containers.run(image, name=NAME, detach=True, engine=engine)
    capsys.readouterr()
    assert containers.health(NAME, engine=engine).status == "healthy"
    told = "$ docker inspect --format '{{.State.Health.Status}}' lbl-test-health\nhealthy\n"
    assert capsys.readouterr().out == told
    containers.exec(NAME, ["touch", "/ill"], engine=engine)
    found = containers.health(NAME, "unhealthy", engine=engine)
    assert (found.status, found.output) == ("unhealthy", "it is ill")


def test_waiting_is_bounded(engine, image, capsys):
    containers.run(image, name=NAME, detach=True, engine=engine)
    with pytest.raises(TimedOut, match="unhealthy after"):
        containers.health(NAME, "unhealthy", limit=0.3, engine=engine)


def test_a_container_that_ended_is_said_at_once(engine, image, capsys):
    containers.run(image, ["sh", "-c", "exit 3"], NAME, engine=engine)
    with pytest.raises(ContainerFailed, match="exit code 3"):
        containers.health(NAME, "unhealthy", engine=engine)


def test_a_container_without_a_check(engine, image, capsys):
    containers.run(bases.busybox(engine), ["sleep", "60"], NAME, detach=True, engine=engine)
    with pytest.raises(ContainerFailed, match="no health check"):
        containers.health(NAME, engine=engine)


def test_an_environment_is_given_and_printed(engine, image, capsys):
    done = containers.run(image, ["sh", "-c", "echo $A"], env={"A": "x y"}, engine=engine)
    assert done.output == "x y\n"
    assert "$ docker run -e 'A=x y' --rm lbl/test-health:1" in capsys.readouterr().out
