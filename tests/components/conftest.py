"""What the tests on a real daemon share."""

from __future__ import annotations

import pytest

from helpers import bases, containers
from helpers.engine import Engine

HERE = "lbl-06-test"


@pytest.fixture
def image(engine: Engine):
    yield bases.busybox(engine)
    containers.remove(HERE, engine=engine)
