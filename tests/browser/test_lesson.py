"""Lesson 01 as a learner meets it: a real JupyterLab, a real browser, a real daemon."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers.engine import Engine
from helpers.errors import CourseError
from helpers.paths import NOTEBOOKS
from tests.conftest import missing

from . import chromium
from .jupyter import Visit, opened

pytestmark = [pytest.mark.browser, pytest.mark.daemon]
LANGUAGES = ("en", "zh-CN")


@pytest.fixture(scope="session")
def browser() -> chromium.Chromium:
    try:
        found, error = chromium.find(), None
    except CourseError as raised:
        found, error = None, raised
    if found is None:
        missing(chromium.why(error))
    return found


@pytest.fixture(scope="module", params=LANGUAGES)
def visit(request, browser, engine: Engine, tmp_path_factory) -> Visit:
    """Lesson 01 after all of its cells ran."""
    notebook = next((NOTEBOOKS / request.param).glob("01-*.ipynb"))
    folder: Path = tmp_path_factory.mktemp("browser")
    with opened(notebook, folder, browser, variables=engine.environment()) as found:
        found.page.set_default_timeout(30_000)
        found.run_all()
        yield found


def rows(visit: Visit) -> list[str]:
    return visit.page.eval_on_selector_all(
        ".lbl-explorer [role=treeitem]", "all => all.map(one => one.title)"
    )


def test_every_cell_ran_and_none_failed(visit):
    prompts = visit.page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert len(prompts) > 10
    # the cells of exercises hold a comment alone; they too have run
    assert [p for p in prompts if not re.fullmatch(r"\[\d+\]:", p)] == []
    errors = visit.page.locator(
        "[data-mime-type='application/vnd.jupyter.stderr'],"
        "[data-mime-type='application/vnd.jupyter.error']"
    )
    assert errors.all_inner_texts() == []


def test_figures_are_there_with_words(visit):
    sizes = visit.page.eval_on_selector_all(
        ".jp-OutputArea figure img", "all => all.map(one => [one.naturalWidth, one.alt.length])"
    )
    assert len(sizes) >= 3
    assert all(width > 100 and words > 20 for width, words in sizes)


def test_the_explorer_switches_layers_and_filters(visit):
    page = visit.page
    page.click(".lbl-explorer [data-layer='3']")
    page.wait_for_selector(".lbl-explorer [title='/notes/welcome.txt']")
    assert rows(visit) == ["/notes", "/notes/welcome.txt"]
    page.click(".lbl-explorer [data-layer='1']")
    page.fill(".lbl-explorer .lbl-filter", "ballast")
    page.wait_for_function(
        "() => document.querySelectorAll('.lbl-explorer [role=treeitem]').length === 4"
    )
    assert rows(visit)[-1] == "/usr/share/layer-by-layer/ballast"


def test_the_words_are_in_the_notebooks_language(visit, request):
    words = visit.page.inner_text(".lbl-explorer")
    chinese = "zh-CN" in request.node.callspec.params.values()
    assert bool(re.search("[\u4e00-\u9fff]", words)) is chinese


def test_nothing_pops_up(visit):
    assert visit.page.locator(".jp-Dialog, .Toastify__toast").count() == 0


# The last of this file: what the others did is looked at too.
def test_no_request_left_the_machine_and_no_script_failed(visit):
    assert len(visit.requests) > 20
    assert visit.elsewhere() == []
    assert visit.errors == []
