"""A browser for the pages that show one widget each."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from helpers.errors import CourseError
from tests.browser import chromium
from tests.conftest import missing


@pytest.fixture(scope="module")
def browser() -> Iterator:
    pytest.importorskip("playwright.sync_api")
    from tests.browser.driver import driver

    try:
        found, error = chromium.find(), None
    except CourseError as raised:
        found, error = None, raised
    if found is None:
        missing(chromium.why(error))
    with driver() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(found.executable),
            args=list(chromium.FLAGS),
            env={**os.environ, **found.environment},
        )
        yield running
        running.close()
