"""Members that agree by majority: what a group of two does, and what bad input does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import quorum
from helpers.engine import Engine, cleanup, inventory
from helpers.errors import ContainerFailed, NotFound
from helpers.quorum.model import LOST, STUCK, WORKS, majority

pytestmark = pytest.mark.daemon
NAME = "lbl-16-test"


@pytest.fixture
def pair(engine: Engine) -> Iterator[quorum.Members]:
    yield quorum.start(NAME, "ab", engine=engine)
    cleanup.clean(engine, lesson="16")


def test_two_members_are_worse_than_one(pair: quorum.Members, engine: Engine) -> None:
    pair.write("colour", "blue")
    pair.lose("b")
    pair.write("colour", "red")
    pair.read("colour", stale=True)
    wrote, _, refused, told = pair.steps[1:]
    assert wrote.done and dict(wrote.states) == {"a": WORKS, "b": WORKS}
    assert not refused.done and dict(refused.states) == {"a": STUCK, "b": LOST}
    assert told.done and told.what == "colour=blue"
    pair.back("b")
    pair.read("colour")
    assert pair.steps[-1].what == "colour=blue"  # what nobody agreed on was not written
    with pytest.raises(NotFound, match="zone c"):
        pair.lose("c")

    again = quorum.start(NAME, "ab", engine=engine)  # the cell is run a second time
    again.read("colour")
    assert again.steps[-1].what == "colour="
    again.remove()
    names = [name for one in inventory.take(engine).ours for name in one.names]
    assert not [name for name in names if name.startswith(NAME)]


def test_a_name_that_is_not_the_courses_is_refused(engine: Engine) -> None:
    with pytest.raises(ContainerFailed, match="my-etcd"):
        quorum.start("my-etcd", engine=engine)


def test_more_than_half() -> None:
    assert [majority(count) for count in (1, 2, 3, 4, 5)] == [1, 2, 2, 3, 3]
