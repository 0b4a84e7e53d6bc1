"""The explorer in a real browser: fluid with 50,000 files, by keyboard, with hostile names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from helpers import widgets
from helpers.images import Entry, Image
from tests.figures import samples

from .page import page as html

pytestmark = pytest.mark.browser
WAIT = 20_000  # milliseconds until something must have happened, on a busy machine too


@pytest.fixture
def show(browser) -> Iterator[Callable]:
    """Return a function that opens an explorer and returns the page."""
    pages, errors, asked = [], [], []

    def opened(image: Image, **options):
        page = browser.new_page(viewport={"width": 900, "height": 600})
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.set_content(html(widgets.explorer(image, **options)))
        page.wait_for_function("window.ready")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert errors == []
    assert asked == []  # it works without a network


def rows(page) -> list[str]:
    return page.eval_on_selector_all("[role=treeitem]", "all => all.map(one => one.title)")


def selected(page) -> str:
    return page.get_attribute("[role=treeitem][aria-selected=true]", "title")


@pytest.fixture(scope="module")
def huge() -> Image:
    files = [Entry(f"usr/lib/d{i // 100:03}/f{i:05}.py", size=i) for i in range(50_000)]
    return samples.image("lbl/huge:1", samples.BASE, ("RUN make files", files))


def test_50_000_files_draw_only_the_rows_in_view(show, huge):
    page = show(huge)
    page.click("text=Unfold all")
    page.wait_for_function("document.querySelector('.lbl-space').offsetHeight > 1e6")
    assert len(rows(page)) < 60
    page.eval_on_selector(".lbl-tree", "tree => { tree.scrollTop = tree.scrollHeight }")
    page.wait_for_selector("[title='/usr/lib/d499/f49999.py']")
    assert len(rows(page)) < 60


def test_the_filter_finds_one_of_50_000_files(show, huge):
    page = show(huge)
    page.fill(".lbl-filter", "F12345")
    page.wait_for_selector("[title='/usr/lib/d123/f12345.py']")
    assert rows(page) == ["/usr", "/usr/lib", "/usr/lib/d123", "/usr/lib/d123/f12345.py"]
    assert page.inner_text("[role=status]") == "Files shown: 1 of 50000 (12.3 kB)"
    assert page.evaluate("model.get('filter')") == "F12345"


def test_marks_are_symbol_and_word_and_colour(show):
    page = show(samples.notes(), layer=3)
    changed = page.locator("[title='/notes/notes.txt']")
    assert changed.locator(".lbl-mark").inner_text() == "~"
    assert changed.locator(".lbl-word").inner_text() == "changed"
    assert "6 B → 11 B" in changed.inner_text()
    assert changed.get_attribute("aria-label") == "notes.txt, changed, 11 B"
    colours = {
        page.eval_on_selector(f"[title='{path}'] .lbl-mark", "one => getComputedStyle(one).color")
        for path in ("/notes/notes.txt", "/notes/big")
    }
    assert len(colours) == 2


def test_a_click_on_a_layer_shows_it_and_tells_the_kernel(show):
    page = show(samples.notes())
    assert rows(page) == ["/notes", "/notes/big"]
    page.click("[data-layer='2']")
    assert rows(page) == ["/notes", "/notes/notes.txt"]
    assert page.get_attribute("[data-layer='2']", "aria-selected") == "true"
    assert page.evaluate("[model.get('layer'), window.saved]") == [2, 1]


def test_code_in_the_notebook_can_move_it(show):
    page = show(samples.notes())
    page.evaluate("model.set('layer', 1); model.set('cumulative', true)")
    assert "/bin/busybox" in rows(page)
    assert page.is_checked("text=all files up to this layer")


def test_all_files_up_to_a_layer_show_where_they_come_from(show):
    page = show(samples.notes())
    page.check("text=all files up to this layer")
    assert page.inner_text("[title='/notes/notes.txt'] .lbl-word") == "from L3"
    assert page.inner_text("[title='/notes/big'] .lbl-word") == "removed"
    page.uncheck("text=unchanged")
    assert rows(page) == ["/notes", "/notes/big"]


def test_everything_works_by_keyboard(show):
    page = show(samples.notes(), layer=3)
    page.focus("[role=listbox]")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("model.get('layer')") == 4
    page.keyboard.press("End")
    assert page.evaluate("model.get('layer')") == 1
    page.focus("[role=tree]")
    page.keyboard.press("ArrowDown")
    assert selected(page) == "/bin/busybox"
    page.keyboard.press("ArrowLeft")
    assert selected(page) == "/bin"
    page.keyboard.press("ArrowLeft")
    assert "/bin/busybox" not in rows(page)
    assert page.get_attribute("[title='/bin']", "aria-expanded") == "false"
    page.keyboard.press("Enter")
    assert "/bin/busybox" in rows(page)
    page.keyboard.press("End")
    assert selected(page) == "/tmp"
    page.keyboard.press("Home")
    assert selected(page) == "/bin"


def test_a_screen_reader_is_told_place_and_level(show):
    page = show(samples.notes(), layer=1)
    busybox = page.locator("[title='/bin/busybox']")
    place = [busybox.get_attribute(f"aria-{name}") for name in ("level", "posinset", "setsize")]
    assert place == ["2", "1", "4"]
    active = page.get_attribute("[role=tree]", "aria-activedescendant")
    assert page.locator(f"[id='{active}']").get_attribute("aria-selected") == "true"
    assert page.get_attribute("[role=status]", "aria-live") == "polite"
    assert page.get_attribute(".lbl-filter", "aria-label") == "Filter paths"


def test_names_are_text_and_nothing_else(show):
    page = show(samples.odd(), layer=2)
    assert page.locator("#out script, #out img, #out b").count() == 0
    assert page.locator("#out >> text=<script>alert(1)</").count() == 1
    assert "\\x1b" in page.inner_text("#out") and "\x1b" not in page.inner_text("#out")


def test_an_image_without_layers_says_so(show):
    assert "no layers" in show(samples.empty()).inner_text("#out")


def test_no_listener_stays_behind_a_closed_view(show):
    page = show(samples.notes())
    page.evaluate("window.clean()")
    page.evaluate("model.set('layer', 1)")
    assert page.get_attribute("[data-layer='1']", "aria-selected") == "false"
