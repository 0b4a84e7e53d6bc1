"""What holds for every lesson in JupyterLab, and what a learner does with its widgets."""

from __future__ import annotations

import re

import nbformat
import pytest

from helpers.authoring.lesson import folders
from helpers.paths import NOTEBOOKS

from .jupyter import Visit

pytestmark = [pytest.mark.browser, pytest.mark.daemon]


# What `make test` visits: a whole lesson, and the widgets of two others, each by the cells that it
# needs. The sweep visits every lesson and every widget, in both languages.
WHOLE = ("01 zh-CN",)
WIDGETS = ("03 en", "08 zh-CN")


def _lessons(fixture: str, sample: tuple[str, ...], numbers: list[str]) -> pytest.MarkDecorator:
    names = [f"{number} {language}" for number in numbers for language in ("en", "zh-CN")]
    visits = [
        pytest.param(name, marks=[] if name in sample else [pytest.mark.sweep]) for name in names
    ]
    return pytest.mark.parametrize(fixture, visits, indirect=True, scope="module")


every = _lessons("visit", WHOLE, [one.name[:2] for one in folders() if one.name > "01"])
explored = _lessons("visit", WHOLE, ["01"])
edited = _lessons("begun", WIDGETS, ["03"])
watched = _lessons("begun", WIDGETS, ["08"])


def output(visit: Visit, kind: str) -> list[str]:
    return visit.page.locator(
        f"[data-mime-type='application/vnd.jupyter.{kind}']"
    ).all_inner_texts()


def meant_to_fail(visit: str) -> int:
    """Return how many cells of the notebook show an error on purpose."""
    lesson, language = visit.split()
    path = next((NOTEBOOKS / language).glob(f"{lesson}-*.ipynb"))
    cells = nbformat.read(path, as_version=4).cells
    return sum("raises-exception" in cell.metadata.get("tags", ()) for cell in cells)


def rows(visit: Visit) -> list[str]:
    return visit.page.eval_on_selector_all(
        ".lbl-explorer [role=treeitem]", "all => all.map(one => one.title)"
    )


@every
def test_every_cell_ran_and_none_failed(visit, request):
    prompts = visit.page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert len(prompts) > 10
    # the cells of exercises hold a comment alone; they too have run
    assert [p for p in prompts if not re.fullmatch(r"\[\d+\]:", p)] == []
    # JupyterLab shows an error as what was written to stderr
    shown = [*output(visit, "stderr"), *output(visit, "error")]
    assert len(shown) == meant_to_fail(request.node.callspec.params["visit"]), shown


@every
def test_figures_are_there_with_words(visit):
    sizes = visit.page.eval_on_selector_all(
        ".jp-OutputArea figure img", "all => all.map(one => [one.naturalWidth, one.alt.length])"
    )
    assert len(sizes) >= 1
    assert all(width > 100 and words > 10 for width, words in sizes)


@explored
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


@explored
def test_the_words_are_in_the_notebooks_language(visit, request):
    words = visit.page.inner_text(".lbl-explorer")
    chinese = "zh-CN" in request.node.callspec.params["visit"]
    assert bool(re.search("[\u4e00-\u9fff]", words)) is chinese


PHASE = "wanted => document.querySelector('.lbe-editor')?.dataset.phase === wanted"


def until(visit: Visit, phase: str) -> None:
    visit.page.wait_for_function(PHASE, arg=phase, timeout=120_000)


@edited
def test_a_round_of_predictions_in_the_build_editor(begun, request):
    page = begun.page
    begun.run_cell("import")
    begun.run_cell("widgets.build_editor")
    page.wait_for_selector(".lbe-editor[data-phase=predict]")
    page.click(".lbe-buttons button:not(.lbe-main-button)")  # the first build, without predicting
    until(begun, "result")
    page.click(".lbe-main-button")
    until(begun, "predict")
    page.click(".lbe-editor [data-file='build.sh']")
    page.locator(".lbe-text").press("End")
    page.fill(".lbe-text", page.input_value(".lbe-text") + "# a comment\n")
    page.keyboard.press("Tab")
    for number in (2, 3, 4, 5):
        page.locator(f"[data-step='stage-0 {number}'] input").first.check()
    page.locator("[data-step='stage-0 6'] input").last.check()  # will run
    page.locator("[data-step='stage-0 7'] input").first.check()  # from the cache: wrong
    page.click(".lbe-main-button")
    until(begun, "result")
    status = page.inner_text(".lbe-editor [role=status]")
    assert re.findall(r"\d+", status)[-2:] in (["5", "6"], ["6", "5"])
    assert page.get_attribute("[data-step='stage-0 6']", "data-role") == "blame"
    assert page.get_attribute("[data-step='stage-0 7']", "data-role") == "follows"
    reason = page.inner_text("[data-step='stage-0 6'] .lbe-reason")
    assert "build.sh" in reason
    chinese = "zh-CN" in request.node.callspec.params["begun"]
    assert bool(re.search("[\u4e00-\u9fff]", reason)) is chinese


@watched
def test_the_board_of_a_real_cluster_gives_orders(begun, request):
    page = begun.page
    for cell in ("cluster.up(3", "cpu=0.3", "widgets.board"):
        begun.run_cell(cell)
    running = ".lbb-task[data-state=running]"
    chinese = "zh-CN" in request.node.callspec.params["begun"]
    assert bool(re.search("[\u4e00-\u9fff]", page.inner_text(".lbb-title"))) is chinese

    def until_running(count: int, place: str = "") -> None:
        look = f"() => document.querySelectorAll('{place} {running}').length === {count}"
        page.wait_for_function(look, timeout=120_000)

    until_running(7)
    page.click("[data-service=crate] .lbb-more")
    until_running(8)
    last = "[data-node=node-3]"
    page.click(f"{last} .lbb-order")  # drain
    page.wait_for_selector(f"{last}[data-active=false]", timeout=60_000)
    until_running(0, last)
    until_running(6)  # three crates fit on each of the two other nodes
    page.click(f"{last} .lbb-order")
    page.wait_for_selector(f"{last}[data-active=true]", timeout=60_000)
    until_running(8)
    page.locator(f"{running} .lbb-kill").first.click()
    until_running(7)
    until_running(8)
    commands = page.inner_text(".lbb-commands")
    assert "docker service scale --detach crate=8" in commands
    assert "docker node update --availability drain node-3" in commands
    assert "$ docker kill crate." in commands


@every
def test_nothing_pops_up(visit):
    assert visit.page.locator(".jp-Dialog, .Toastify__toast").count() == 0


# The last of this file: what the others did is looked at too.
@every
def test_no_request_left_the_machine_and_no_script_failed(visit):
    assert len(visit.requests) > 20
    assert visit.elsewhere() == []
    assert visit.errors == []
