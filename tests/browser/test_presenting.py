"""Presenting: a lesson in JupyterLab as the back row sees it, with live cells."""

from __future__ import annotations

from pathlib import Path

import pytest
from nbformat import v4, write

from helpers.lab import presenting

from .jupyter import opened

pytestmark = pytest.mark.browser
TEXT = "# Title\n\nText.\n\n| a | b |\n|--|--|\n| c | d |"
CODE = """\
import helpers.figures.drawing as drawing
from matplotlib.figure import Figure
figure = Figure((8.6, 3))
figure.subplots().plot([1, 2, 3])
drawing.Drawing(figure, "a line", "a line")
"""


@pytest.fixture(scope="module")
def visit(browser, tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("presenting")
    (folder / "source" / "en").mkdir(parents=True)
    notebook = folder / "source" / "en" / "one.ipynb"
    write(v4.new_notebook(cells=[v4.new_markdown_cell(TEXT), v4.new_code_cell(CODE)]),
          notebook)  # fmt: skip
    looks = {"settings": presenting.SETTINGS, "css": presenting.STYLE}
    with opened(notebook, folder, browser, width=1920, height=1080, **looks) as found:
        found.run_all()
        yield found


def test_text_and_code_have_large_letters(visit) -> None:
    for place in (".jp-RenderedHTMLCommon p", ".cm-content"):
        size = visit.page.locator(place).first.evaluate("e => getComputedStyle(e).fontSize")
        assert size == presenting.LETTERS, place


def test_so_has_a_table(visit) -> None:
    size = visit.page.locator(".jp-RenderedHTMLCommon td").first.evaluate(
        "e => parseFloat(getComputedStyle(e).fontSize)"
    )
    assert size > 20


def test_a_live_figure_takes_the_room_that_there_is(visit) -> None:
    box = visit.page.locator(".jp-OutputArea-output figure img").bounding_box()
    assert box["width"] > 1200


def test_one_document_fills_the_window(visit) -> None:
    box = visit.page.locator(".jp-Notebook").bounding_box()
    assert box["width"] > 0.9 * 1920 and box["height"] > 0.75 * 1080
    assert not visit.page.locator(".jp-StatusBar-Widget, #jp-main-statusbar").first.is_visible()
    assert visit.page.locator(".lm-DockPanel-tabBar:visible").count() == 0


def test_nothing_is_asked_of_another_machine(visit) -> None:
    assert visit.elsewhere() == []
    assert visit.errors == []
