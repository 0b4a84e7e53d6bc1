"""Slides in a real browser: every one fits, can be read, and asks nobody for anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.slides import build
from helpers.slides.page import SMALLEST
from helpers.teaching import course

pytestmark = pytest.mark.browser
EVERY = [f"{number:02}" for number in range(18)]
TOLD = ("01", "03", "11")  # figures and a fragment; strips, code and a long list; tables

# What of the slide that is shown reaches beyond it, or is too small to be read.
WRONG = """(smallest) => {
    const slide = document.querySelector('section.now');
    const frame = slide.getBoundingClientRect();
    const scale = frame.width / 1280;
    const found = [];
    for (const one of slide.querySelectorAll('h1, h2, p, li, pre, img, td, th')) {
        const box = one.getBoundingClientRect();
        if (one.closest('.note') || !box.width) continue;
        const name = `${one.tagName} ${one.textContent.slice(0, 40)}`;
        if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1
            || box.bottom > frame.bottom + 1) found.push(`outside: ${name}`);
        if (one.scrollWidth > one.clientWidth + 1 && one.tagName === 'PRE')
            found.push(`cut: ${name}`);
        if (parseFloat(getComputedStyle(one).fontSize) < smallest) found.push(`small: ${name}`);
    }
    if (slide.scrollHeight > slide.clientHeight + 1) found.push('higher than the slide');
    return found;
}"""


def walk(browser, path: Path) -> tuple[int, list[str], list[str]]:
    """Step through all slides; return how many there are, what is wrong, and what was requested."""
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda one: requests.append(one.url))
    page.on("pageerror", lambda one: errors.append(str(one)))
    page.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
    page.goto(path.as_uri())
    count = page.locator("section").count()
    wrong = []
    seen = 0
    for _ in range(4 * count):
        now = page.evaluate("current")
        wrong += [f"{now + 1}: {one}" for one in page.evaluate(WRONG, SMALLEST)]
        seen = max(seen, now + 1)
        last = page.evaluate(
            "current + 1 === slides.length"
            " && steps(slides[current]).every(s => s.classList.contains('told'))"
        )
        if last:
            break
        page.keyboard.press("ArrowRight")
    assert seen == count, "the keys do not lead to the end"
    page.close()
    elsewhere = [one for one in requests if not one.startswith("data:") and one != path.as_uri()]
    return count, wrong + errors, elsewhere


@pytest.mark.parametrize("edition", ["en", "zh-CN"])
@pytest.mark.parametrize("id", [
    pytest.param(one, marks=[] if one in TOLD else [pytest.mark.sweep]) for one in EVERY
])  # fmt: skip
def test_every_slide_fits_and_nothing_is_requested(
    id: str, edition: str, browser, tmp_path: Path
) -> None:
    count, wrong, elsewhere = walk(browser, build(id, edition, tmp_path))
    assert count > 5
    assert wrong == []
    assert elsewhere == []


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory: pytest.TempPathFactory):
    made = browser.new_page(viewport={"width": 1280, "height": 720})
    made.goto(build("01", "en", tmp_path_factory.mktemp("slides")).as_uri())
    yield made
    made.close()


def test_keys_lead_on_and_back(page) -> None:
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    page.keyboard.press(" ")
    assert page.evaluate("current") == 2
    page.keyboard.press("PageUp")
    assert page.evaluate("current") == 1
    page.keyboard.press("End")
    assert page.evaluate("current + 1 === slides.length")
    assert page.evaluate("location.hash") == f"#{page.locator('section').count()}"
    page.keyboard.press("Home")
    page.mouse.click(1000, 400)
    page.mouse.click(100, 400)
    assert page.evaluate("current") == 0


def test_the_right_answer_comes_with_the_next_step(page) -> None:
    page.keyboard.press("End")
    right = page.locator("section.now li.right")
    mark = right.locator(".mark")
    assert not mark.is_visible() and "told" not in (right.get_attribute("class") or "")
    page.keyboard.press("ArrowRight")
    assert mark.is_visible()
    assert "told" in right.get_attribute("class")
    page.keyboard.press("ArrowLeft")
    assert not mark.is_visible()


def test_notes_open_in_a_window_of_their_own_and_follow(page) -> None:
    page.keyboard.press("Home")
    with page.expect_popup() as opened:
        page.keyboard.press("n")
    notes = opened.value
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    notes.wait_for_function("() => document.body.textContent.includes('let them guess')")
    assert "3 / " in notes.locator("h1").text_content()
    notes.close()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("current") == 3, "it goes on without them"


def test_printed_it_is_a_page_a_slide(page) -> None:
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pdf.count(b"/Type /Page\n") == page.locator("section").count()


def test_the_language_of_the_file_is_named() -> None:
    assert set(TOLD) <= set(EVERY) == set(course.load().lessons)
