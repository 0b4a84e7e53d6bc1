"""One local AWS for all tests of a file, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import aws, bases
from helpers.aws import Target
from helpers.engine import Engine


@pytest.fixture(scope="module")
def started(engine: Engine) -> Iterator[Engine]:
    """An engine on which a local AWS runs."""
    bases.busybox(engine)
    aws.local.start(engine)
    yield engine
    aws.local.stop(engine)


@pytest.fixture
def cloud(started: Engine) -> Target:
    """The local AWS, with nothing in it, as the target of all calls."""
    return aws.target(empty=True, lesson="13", engine=started)
