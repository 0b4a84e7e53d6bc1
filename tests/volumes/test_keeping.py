"""What each place keeps, and what a first write to a file of the image costs, on a real daemon."""

from __future__ import annotations

import pytest

from helpers import bases, containers, figures, volumes
from helpers.engine import inventory
from helpers.errors import ContainerFailed, NotFound

NAME = "lbl-04-testkeep"
BALLAST = "/usr/share/layer-by-layer/ballast"


@pytest.fixture
def image(engine):
    yield bases.busybox(engine)
    containers.remove(NAME, engine=engine)


def test_each_place_keeps_what_it_should_and_nothing_is_left(engine, image, capsys):
    before = inventory.take(engine).things
    found = volumes.compare(NAME, engine=engine)
    kept = {k.kind: (k.restarted, k.shared, k.replaced, k.left) for k in found.kept}
    assert kept == {
        "layer": (True, False, False, False),
        "anonymous": (True, False, False, True),
        "volume": (True, True, True, True),
        "bind": (True, True, True, True),
        "tmpfs": (False, False, False, False),
    }
    assert inventory.take(engine).things == before
    printed = capsys.readouterr().out
    assert f"-v {NAME}:/named -v /anonymous -v ./folder:/bind --tmpfs /memory" in printed
    title = figures.keeping(found).title
    assert "Named volume, Bind mount" in title and "tmpfs" not in title


def test_one_byte_costs_the_whole_file_once(engine, image, capsys):
    found = volumes.copy_on_write(image, BALLAST, NAME, touches=3, engine=engine)
    assert found.size > 10_000
    assert [touch.grew for touch in found.touches] == [found.size + 1, 1, 1]
    assert [touch.layer - found.size for touch in found.touches] == [1, 2, 3]
    assert containers.changes(NAME, engine=engine).changed == (BALLAST,)
    assert all(touch.seconds >= 0 for touch in found.touches)
    assert capsys.readouterr().out.count(f"sh -c 'printf x >> {BALLAST}'") == 3


def test_a_file_that_is_not_there_or_cannot_be_written(engine, image, capsys):
    with pytest.raises(NotFound, match="/nope"):
        volumes.copy_on_write(image, "/nope", NAME, engine=engine)
    with pytest.raises(ContainerFailed, match="/proc/version"):
        volumes.copy_on_write(image, "/proc/version", NAME, engine=engine)
