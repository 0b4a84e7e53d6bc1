"""A lesson as a learner meets it: a real JupyterLab, a real browser, a real daemon."""

from __future__ import annotations

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


@pytest.fixture(scope="module")
def visit(request, browser, engine: Engine, tmp_path_factory) -> Visit:
    """The lesson and language of the parameter (``"01 en"``), after all of its cells ran."""
    lesson, language = request.param.split()
    notebook = next((NOTEBOOKS / language).glob(f"{lesson}-*.ipynb"))
    folder: Path = tmp_path_factory.mktemp("browser")
    plan = model.read(paths.LESSONS / notebook.stem / "lesson.toml")
    with (
        machine.fresh(plan, engine) as variables,
        opened(notebook, folder, browser, variables=variables) as found,
    ):
        found.page.set_default_timeout(30_000)
        found.run_all()
        yield found
