"""The builders that a test of builds is run with."""

from __future__ import annotations

import pytest

from helpers.builds import buildkit
from helpers.engine import Engine
from tests.conftest import missing


@pytest.fixture(params=["buildkit", "classic"])
def builder(request, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each builder in turn; a client without buildx cannot be asked for BuildKit."""
    if request.param == "classic":
        monkeypatch.setattr(buildkit, "available", lambda _: False)
    elif not buildkit.available(engine):
        missing("no docker client with buildx")
    return request.param


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The classic builder, which Docker has deprecated, in the sweep; `test_run` is the sample."""
    for item in items:
        if "[classic" in item.name and item.path.name != "test_run.py":
            item.add_marker(pytest.mark.sweep)
