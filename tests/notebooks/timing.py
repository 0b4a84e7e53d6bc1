"""A pytest plug-in that notes how long the cells of each part of a notebook took.

The sums go to the file that LAYER_BY_LAYER_TIMES names, when every cell passed. The start of the
kernel is not counted: in class it happens once, when the notebook is opened.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

FILE = "LAYER_BY_LAYER_TIMES"
_seconds: dict[str, float] = {}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    yield
    cell = getattr(item, "cell", None)
    if call.when == "call" and cell is not None:
        part = cell.metadata.get("part", "")
        _seconds[part] = _seconds.get(part, 0.0) + call.duration


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    place = os.environ.get(FILE)
    if place and exitstatus == pytest.ExitCode.OK:
        Path(place).write_text(json.dumps(_seconds), "utf-8")
