"""The rehearsal form in a real JupyterLab: what is typed into it is nowhere afterwards."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from helpers import account
from helpers.account.ruling import NOBODY

from .jupyter import Visit, opened

pytestmark = pytest.mark.browser
# JupyterLab then writes the state of all widgets into the notebook.
SAVE_STATE = {"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True}}
CONTROL = "CONTROL-4X"  # what is typed into a cell is kept: the search must find it
SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
# What passes each page's rules and cannot be mistaken for the course's own words.
TYPED = {
    "mail": "sentinel-q7@example.com", "user_name": "sentinel-q7-user",
    "password": "Sentinel-q7-Pass", "password_again": "Sentinel-q7-Pass",
    "contact_name": "Sentinelq Contact", "company_name": "Sentinelq Company",
    "phone": "139-71717171", "province": "53", "city": "Sentinelq City",
    "district": "Sentinelq District", "street": "Sentinelq Street 71", "postcode": "717171",
    "invoice": "special", "taxpayer": "general", "licence_kind": "law",
    "licence_name": "Sentinelq Company", "credit_code": "91350100M000100Y43",
    "licence_file": "sentinel-q7.png", "licence_size": "7.171",
    "officer_name": "Sentinelq Officer", "officer_id": "11010519491231002X",
    "officer_file": "sentinel-q7-id.png", "mobile": "13971717171", "support": "developer",
}  # fmt: skip
# Not the choices: their names are the form's own.
SENTINELS = {value for name, value in TYPED.items() if account.FIELDS[name].kind != "choice"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("form")


@pytest.fixture(scope="module")
def visit(browser, folder: Path) -> Iterator[Visit]:
    cells = [f"# {CONTROL}\nfrom helpers import widgets", "widgets.account_form()"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    source = folder / "source" / "en"
    source.mkdir(parents=True)
    nbformat.write(notebook, source / "form.ipynb")
    own = {
        **os.environ,
        "HOME": str(folder / "home"),
        "LAYER_BY_LAYER_HOME": str(folder / "course"),
    }
    (folder / "home").mkdir()
    with opened(source / "form.ipynb", folder / "jupyter", browser, variables=own,
                settings=SAVE_STATE) as found:  # fmt: skip
        found.page.set_default_timeout(30_000)
        found.run_all()
        yield found


def fill(visit: Visit, number: int) -> None:
    for field in account.PAGES[number].fields:
        control = visit.page.locator(f"[data-field={field.id}]")
        if field.kind == "tick":
            control.check()
        elif field.kind == "choice":
            control.select_option(TYPED[field.id])
        elif field.kind == "code":
            visit.page.click(".lba-code button")
            letter = visit.page.locator(".lba-came:not(:empty)").inner_text()
            control.fill(re.search(r"[0-9]{6}", letter).group())
        else:
            control.fill(TYPED[field.id])


def reach(visit: Visit, number: int) -> None:
    visit.page.wait_for_function(
        "n => Number(document.querySelector('.lba-bar').value) === n", arg=number
    )


def test_a_wrong_field_holds_the_page_and_going_back_keeps_what_was_typed(visit: Visit) -> None:
    page = visit.page
    page.fill("[data-field=mail]", "nobody")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-field=mail][aria-invalid=true]")
    assert page.evaluate("document.activeElement.dataset.field") == "mail"
    wrong = page.get_attribute("[data-field=mail]", "aria-describedby").split()[1]
    assert "exactly one @" in page.inner_text(f"#{wrong}")
    fill(visit, 0)
    page.click(".lba-main")
    reach(visit, 1)
    fill(visit, 1)
    page.click(".lba-buttons button >> nth=0")  # back
    reach(visit, 0)
    assert page.input_value("[data-field=mail]") == TYPED["mail"]
    page.click(".lba-main")
    reach(visit, 1)
    assert page.input_value("[data-field=password]") == TYPED["password"]


def test_nothing_typed_is_saved_anywhere(visit: Visit, folder: Path) -> None:
    for number in range(1, 12):
        fill(visit, number)
        visit.page.click(".lba-main")
        reach(visit, number + 1)
    visit.page.evaluate(SAVE)
    saved = folder / "jupyter" / "files" / "en" / "form.ipynb"
    visit.page.wait_for_function("() => !document.querySelector('.jp-mod-dirty')")
    state = nbformat.read(saved, as_version=4).metadata.get("widgets")
    assert state, "JupyterLab saves no widget state any more, so this test looks at nothing"
    below = [folder / "jupyter", folder / "home", folder / "course"]
    files = [path for place in below for path in place.rglob("*") if path.is_file()]
    texts = {path: path.read_bytes() for path in files if path.is_relative_to(folder)}
    kept = [path for path, content in texts.items() if CONTROL.encode() in content]
    assert saved in kept
    assert any(path.name.startswith("history.sqlite") for path in kept), "no history was looked at"
    stored = "() => JSON.stringify([{...localStorage}, {...sessionStorage}])"
    texts[Path("what the browser stores")] = visit.page.evaluate(stored).encode()
    for path, content in texts.items():
        found = [one for one in SENTINELS if one.encode() in content]
        assert found == [], path


def test_no_request_left_the_machine_and_nothing_asked_to_be_remembered(visit: Visit) -> None:
    assert visit.elsewhere() == [] and visit.errors == []
    assert NOBODY["phone"] not in str(visit.requests)
    assert not [one for one in visit.requests if any(word in one for word in SENTINELS)]
    visit.page.click(".lba-buttons button:last-child")  # forget
    reach(visit, 0)
    assert visit.page.input_value("[data-field=mail]") == ""
    assert visit.page.get_attribute("[data-field=mail]", "autocomplete") == "off"


# The last of this file: the form answers no more afterwards.
def test_after_a_restart_of_the_kernel_the_form_says_so_and_keeps_what_was_typed(
    visit: Visit,
) -> None:
    page = visit.page
    page.fill("[data-field=mail]", TYPED["mail"])
    page.evaluate(RESTART)
    page.click(".lba-main")
    page.wait_for_function(
        "() => document.querySelector('.lba-status').textContent.startsWith('No answer')"
    )
    assert page.input_value("[data-field=mail]") == TYPED["mail"]
