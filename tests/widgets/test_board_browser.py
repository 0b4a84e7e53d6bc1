"""The board in a real browser: by mouse, by keyboard, with hostile names, in both themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from helpers import widgets
from helpers.cluster.model import View
from tests.figures import clusters

from .yard import Kernel, Yard
from .yard import page as html

pytestmark = pytest.mark.browser
WAIT = 20_000  # milliseconds until something must have happened, on a busy machine too


@pytest.fixture
def show(browser) -> Iterator[Callable]:
    """Return a function that opens a board and returns the page; ``page.kernel`` answers it."""
    pages, errors, asked = [], [], []

    def opened(view: View | None = None, actions: bool = True, dark: bool = False):
        page = browser.new_page(viewport={"width": 860, "height": 620})
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.yard = Yard(view)
        page.kernel = Kernel(widgets.board(page.yard.look, page.yard if actions else None, 600))
        page.expose_function("kernel", page.kernel)
        page.set_content(html(page.kernel.widget, dark))
        page.wait_for_function("window.ready")
        page.evaluate("window.answered()")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.kernel.widget.stop()
        page.close()
    assert errors == []
    assert asked == []  # it works without a network


def press(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.evaluate("window.answered()")


def focused(page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def tasks(page, node: str) -> list[str]:
    return page.eval_on_selector_all(
        f"[data-node='{node}'] .lbb-task", "all => all.map(one => one.dataset.task)"
    )


def test_buttons_give_orders_and_the_board_shows_what_came_of_them(show):
    page = show()
    assert page.inner_text(".lbb-live") == "● live"
    press(page, "One replica of shop_web fewer")
    assert page.inner_text("[data-service='shop_web'] .lbb-share") == "✓ 4 of 4"
    press(page, "Kill shop_web.1 on node-1")
    assert tasks(page, "node-1") == ["shop_agent.node-1", "shop_web.4"]
    press(page, "Drain node-2")
    assert tasks(page, "node-2") == []
    assert "drain" in page.inner_text("[data-node='node-2']")
    press(page, "Activate node-2")
    assert page.inner_text(".lbb-commands").splitlines()[-1].endswith("active node-2")
    assert page.locator("[data-service='shop_agent'] button").count() == 0  # one on each node
    page.evaluate("window.clean()")
    page.evaluate("window.answered()")
    assert page.kernel.messages[-1]["kind"] == "gone"
    assert not page.kernel.widget.live


def test_everything_works_by_keyboard_and_the_focus_stays(show):
    page = show()
    page.get_by_role("button", name="One replica of shop_web more", exact=True).focus()
    page.keyboard.press("Enter")
    page.evaluate("window.answered()")
    assert focused(page) == "One replica of shop_web more"
    assert page.yard.view.services[2].desired == 6
    page.keyboard.press("Tab")
    assert focused(page) == "Drain node-1"
    page.keyboard.press("Tab")
    assert focused(page) == "Kill shop_agent.node-1 on node-1"
    page.keyboard.press("ArrowRight")
    assert focused(page) == "Kill shop_web.1 on node-1"
    page.keyboard.press("Space")
    page.evaluate("window.answered()")
    assert "shop_web.1" not in tasks(page, "node-1")
    assert focused(page) == "Drain node-1"  # what had the focus is gone
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "Drain node-2"  # all tasks of a node are one stop


def test_what_goes_wrong_is_told_and_names_are_text_and_nothing_else(show):
    page = show(clusters.hostile())
    assert page.locator("#out script, #out img, #out b").count() == 0
    page.get_by_role("button").first.click()
    page.evaluate("window.answered()")
    page.yard.drain = lambda node: 1 // 0
    page.locator(".lbb-order").last.click()
    page.evaluate("window.answered()")
    assert "ZeroDivisionError" in page.locator("[role=alert]").inner_text()
    assert page.locator("button[aria-disabled=true]").count() < page.locator("button").count()


def test_a_board_without_actions_has_no_buttons_and_says_what_waits(show):
    page = show(clusters.crowded(), actions=False, dark=True)
    assert page.locator("button").count() == 0
    assert page.locator(".lbb-troubles li").count() == 2
    assert "✗ 4 of 6" in page.inner_text("[data-service='shop_web']")
    assert page.get_attribute("[role=status]", "aria-live") == "polite"
