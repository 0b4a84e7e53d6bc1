"""Real machines, one for as many tests as can share it: a start takes seconds when emulated."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from helpers import machines
from helpers.engine import Engine

from ..conftest import missing


@pytest.fixture(scope="session")
def ready(engine: Engine) -> machines.Ready:
    found = machines.ready(engine=engine)
    if found.missing:
        missing(f"no virtual machine here: {found.missing}")
    return found


@pytest.fixture(scope="module")
def machine(ready: machines.Ready) -> Iterator[machines.Machine]:
    found = ready.start()
    yield found
    found.stop()
