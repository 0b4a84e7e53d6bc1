"""A lesson as a learner meets it: a real JupyterLab, a real browser, a real daemon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers import paths
from helpers.authoring import machine, model
from helpers.engine import Engine
from helpers.errors import CourseError
from helpers.paths import NOTEBOOKS
from tests.conftest import missing

from . import chromium
from .jupyter import Visit, opened


@pytest.fixture(scope="session")
def browser() -> chromium.Chromium:
    try:
        found, error = chromium.find(), None
    except CourseError as raised:
        found, error = None, raised
    if found is None:
        missing(chromium.why(error))
    return found


@contextmanager
def _opened(name: str, browser: chromium.Chromium, engine: Engine, folder: Path) -> Iterator[Visit]:
    """Open the lesson and language of ``name`` (``"01 en"``), as nobody ran it yet."""
    lesson, language = name.split()
    notebook = next((NOTEBOOKS / language).glob(f"{lesson}-*.ipynb"))
    plan = model.read(paths.LESSONS / notebook.stem / "lesson.toml")
    with (
        machine.fresh(plan, engine) as variables,
        opened(notebook, folder, browser, variables=variables) as found,
    ):
        found.page.set_default_timeout(30_000)
        yield found


@pytest.fixture(scope="module")
def visit(request, browser, engine: Engine, tmp_path_factory) -> Iterator[Visit]:
    """The lesson of the parameter, after all of its cells ran."""
    with _opened(request.param, browser, engine, tmp_path_factory.mktemp("browser")) as found:
        found.run_all()
        yield found


@pytest.fixture(scope="module")
def begun(request, browser, engine: Engine, tmp_path_factory) -> Iterator[Visit]:
    """The lesson of the parameter, opened; a test runs the cells that it needs."""
    with _opened(request.param, browser, engine, tmp_path_factory.mktemp("browser")) as found:
        yield found
