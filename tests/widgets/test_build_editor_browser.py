"""The build editor in a real browser: by mouse, by keyboard, with hostile text, in both themes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from helpers import widgets
from helpers.builds.model import CACHED, RAN

from .bench import DOCKERFILE, FILES, STAGES, FakeBench
from .editor_page import Kernel, state
from .editor_page import page as html

pytestmark = pytest.mark.browser
WAIT = 20_000  # milliseconds until something must have happened, on a busy machine too
MAIN = ".lbe-main-button"
# What JupyterLab 4.6 does with the Enter key in a cell's output (Application.evtKeydown).
JUPYTERLAB = """document.addEventListener("keydown", (event) => {
  const stop = (input) => { if (input.inputType === "insertLineBreak") input.preventDefault(); };
  event.target.addEventListener("beforeinput", stop, { once: true });
})"""
PHASE = "([wanted]) => document.querySelector('.lbe-editor').dataset.phase === wanted"


@pytest.fixture
def show(browser) -> Iterator[Callable]:
    """Return a function that opens an editor and returns the page; ``page.kernel`` answers it."""
    pages, errors, asked = [], [], []

    def opened(bench: FakeBench | None = None, width: int = 1000, waits: bool = True, dark=False):
        page = browser.new_page(viewport={"width": width, "height": 700})
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: errors.append(dialog.message))
        page.kernel = Kernel(widgets.build_editor(bench or FakeBench()), waits)
        page.expose_function("kernel", page.kernel)
        page.set_content(html(page.kernel.widget, dark))
        page.wait_for_function("window.ready")
        pages.append(page)
        return page

    yield opened
    for page in pages:
        page.close()
    assert errors == []
    assert asked == []  # it works without a network


def step(page, identifier: str):
    return page.locator(f"[data-step='{identifier}']")


def choose(page, identifier: str, word: str) -> None:
    step(page, identifier).get_by_role("radio", name=word).click()


def said(page, identifier: str) -> list[str]:
    return step(page, identifier).locator(".lbe-answer > span").all_inner_texts()


def until(page, phase: str) -> None:
    page.wait_for_function(PHASE, arg=[phase])


def type_into(page, text: str) -> None:
    page.fill("textarea", text)
    page.keyboard.press("Tab")  # leaving the text sends it
    page.evaluate("answered()")


def first_round(page) -> None:
    page.click("text=Build without predicting")
    until(page, "result")
    page.click(MAIN)
    until(page, "predict")


def test_a_whole_round_by_mouse(show):
    page = show()
    first_round(page)
    page.click("[data-file='app.py']")
    type_into(page, "print('new')\n")
    for number in (2, 3, 4, 6):
        choose(page, f"stage-0 {number}", "from the cache")
    assert page.get_attribute(MAIN, "aria-disabled") == "true"
    assert page.inner_text(".lbe-buttons .lbe-note") == "4 of 5 steps predicted"
    choose(page, "stage-0 5", "will run")
    assert page.get_attribute(MAIN, "aria-disabled") == "false"
    page.click(MAIN)
    until(page, "result")
    assert page.kernel.widget.predictions["stage-0 5"] == RAN
    assert page.inner_text("[role=status]") == "Round 2: 4 of 5 right"
    assert "The course's own prediction: 5 of 5 right." in page.inner_text(".lbe-result")
    assert "docker build -t lbl/03-web:1 ." in page.inner_text(".lbe-result")
    assert said(page, "stage-0 5") == ["✓ right", "You: will run", "Build: ran"]
    assert step(page, "stage-0 5").locator(".lbe-reason").inner_text() == (
        "To blame: app.py changed"
    )
    assert said(page, "stage-0 6") == ["✗ wrong", "You: from the cache", "Build: ran"]
    assert "Follows: step 5 ran" in step(page, "stage-0 6").inner_text()
    assert step(page, "stage-0 4").get_attribute("data-role") == "hit"
    page.click(MAIN)
    until(page, "predict")
    assert page.locator("input:checked").count() == 0
    assert page.locator(".lbe-rounds li").all_inner_texts() == [
        "Round 1: built without a prediction",
        "Round 2: 4 of 5 right",
    ]


@pytest.mark.parametrize("late", [0, 20, 200])  # milliseconds until an answer is taken
def test_a_whole_round_by_keyboard_alone(show, late):
    page = show()
    page.evaluate(f"window.late = {late}")
    press = page.keyboard.press
    press("Tab")
    assert page.evaluate("document.activeElement.dataset.file") == "Dockerfile"
    press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.file") == "app.py"
    press("Tab")
    press("Control+A")
    page.keyboard.type("typed")
    press("Tab")  # out of the text
    assert page.evaluate("document.activeElement.innerText") == "Reset app.py"
    for number in range(2, 7):
        press("Tab")
        press("Space" if number % 2 else "ArrowRight")
    page.evaluate("answered()")
    assert page.kernel.widget.predictions == {
        f"stage-0 {number}": CACHED if number % 2 else RAN for number in range(2, 7)
    }
    press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Build"
    press("Enter")
    until(page, "result")
    assert page.kernel.widget.files["app.py"] == "typed"
    assert page.inner_text("[role=status]") == "Round 1: 3 of 5 right"
    # the place of the keyboard is kept: the same button leads on
    assert page.evaluate("document.activeElement.innerText") == "Next round"
    press("Enter")
    until(page, "predict")
    assert page.evaluate("document.activeElement.innerText") == "Build"


def test_a_button_that_cannot_act_does_not(show):
    page = show()
    page.locator(MAIN).dispatch_event("click")
    page.evaluate("answered()")
    assert page.kernel.messages == []


def test_a_screen_reader_is_told_what_is_what(show):
    page = show()
    assert page.get_attribute("section.lbe-editor", "aria-label") == "Build editor: lbl/03-web:1"
    assert page.get_attribute("textarea", "aria-label") == "Text of Dockerfile"
    group = step(page, "stage-0 5").get_by_role("radiogroup")
    assert group.get_attribute("aria-label") == "Your prediction for step 5, COPY app.py ."
    assert group.get_by_role("radio", name="will run").is_checked() is False
    assert page.get_attribute("[role=status]", "aria-live") == "polite"
    tab = page.locator("[role=tab][aria-selected=true]")
    assert tab.get_attribute("tabindex") == "0"
    panel = page.locator(f"#{tab.get_attribute('aria-controls')}")
    assert panel.get_attribute("aria-labelledby") == tab.get_attribute("id")
    type_into(page, DOCKERFILE + "RUN more\n")
    assert page.get_by_role("tab", name="Dockerfile, changed since the last build").count() == 1


def test_steps_follow_the_dockerfile_that_is_typed(show):
    page = show()
    choose(page, "stage-0 2", "from the cache")
    page.fill("textarea", DOCKERFILE + "RUN more\n")
    page.wait_for_selector("[data-step='stage-0 7']")  # without leaving the text
    assert step(page, "stage-0 2").get_by_role("radio", name="from the cache").is_checked()
    page.fill("textarea", DOCKERFILE + "RUNN more\n")
    page.wait_for_selector(".lbe-problem:visible")
    assert "unknown instruction: RUNN" in page.inner_text(".lbe-problem")
    assert page.inner_text(".lbe-bad") == "8"
    assert page.get_attribute("textarea", "aria-invalid") == "true"
    assert step(page, "stage-0 7").count() == 1
    page.fill("textarea", DOCKERFILE)
    page.wait_for_selector(".lbe-problem", state="hidden")
    assert step(page, "stage-0 7").count() == 0


def test_line_breaks_can_be_typed_where_jupyterlab_cancels_them(show):
    page = show()
    page.evaluate(JUPYTERLAB)
    page.focus("textarea")
    page.keyboard.press("Control+A")
    page.keyboard.type("FROM a\nRUN b")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Control+S")
    page.evaluate("answered()")
    assert page.kernel.widget.files["Dockerfile"] == "FROM a\nRUN b\n"


def test_reset_can_be_undone(show):
    page = show()
    type_into(page, "FROM lbl/busybox:1\n")
    page.click("text=Reset Dockerfile")
    page.wait_for_function("document.querySelector('textarea').value.includes('install.sh')")
    page.click("text=Undo the reset")
    page.evaluate("answered()")
    assert page.input_value("textarea") == "FROM lbl/busybox:1\n"
    assert page.kernel.widget.files["Dockerfile"] == "FROM lbl/busybox:1\n"
    assert page.locator("text=Reset Dockerfile").count() == 1


def test_late_answers_of_the_kernel_do_not_undo_typing(show):
    page = show()
    page.fill("textarea", "FROM a\n")
    page.wait_for_function("answered().then(() => model.get('files').Dockerfile === 'FROM a\\n')")
    late = state(page.kernel.widget)
    page.fill("textarea", "FROM ab\n")
    page.evaluate("late => take(late)", late)  # before the kernel has heard the rest
    assert page.input_value("textarea") == "FROM ab\n"
    page.keyboard.press("Tab")
    page.evaluate("late => take({ ...late, files: { Dockerfile: 'old' } })", late)
    assert page.input_value("textarea") == "FROM ab\n"
    page.evaluate("answered()")
    assert page.kernel.widget.files["Dockerfile"] == "FROM ab\n"


def test_code_in_the_notebook_can_edit_and_predict(show):
    page = show()
    editor = page.kernel.widget
    editor.edit("Dockerfile", STAGES)
    editor.predict({"build 2": CACHED})
    page.evaluate("told => take(told)", state(editor))
    assert page.input_value("textarea") == STAGES
    assert page.locator("h5").all_inner_texts() == ["Stage build", "Stage stage-1"]
    assert step(page, "build 2").get_by_role("radio", name="from the cache").is_checked()


def test_while_it_builds_states_are_live_and_typing_goes_on(show):
    bench = FakeBench()
    turns = [threading.Event() for _ in range(6)]
    waiting = iter(turns)
    bench.pause = lambda: next(waiting).wait(20)
    page = show(bench, waits=False)
    editor = page.kernel.widget

    def news() -> None:
        page.evaluate("told => take(told)", state(editor))

    try:
        choose(page, "stage-0 2", "from the cache")
        page.click("text=Build without predicting")
        until(page, "building")
        assert page.inner_text(MAIN) == "Building…"
        assert page.locator("input").count() == 0
        assert said(page, "stage-0 2") == ["You: from the cache", "Build: not yet"]
        for turn in turns[:2]:
            turn.set()
        _wait_for(lambda: editor.live.get("stage-0 2") == RAN)
        news()
        assert step(page, "stage-0 2").locator(".lbe-live").inner_text() == "Build: ran"
        type_into(page, "FROM typed\n")
    finally:
        for turn in turns:
            turn.set()
        editor.wait()
    news()
    until(page, "result")
    assert page.input_value("textarea") == "FROM typed\n"
    assert "You have edited since this build." in page.inner_text(".lbe-result")
    assert editor.files["Dockerfile"] == "FROM typed\n"


def _wait_for(condition: Callable[[], bool]) -> None:
    ready = threading.Event()
    for _ in range(400):
        if condition():
            return
        ready.wait(0.05)
    pytest.fail("the build went nowhere in 20 seconds")


def test_a_failed_build_is_shown_at_its_step(show):
    page = show()
    type_into(page, DOCKERFILE.replace("sh install.sh", "exit 3; sh <b>install.sh"))
    page.click("text=Build without predicting")
    until(page, "result")
    assert "the build failed" in page.inner_text("[role=status]")
    error = step(page, "stage-0 4").locator(".lbe-error")
    assert "Line 4 of the Dockerfile failed" in error.inner_text()
    assert error.locator("pre").inner_text() == "install.sh: no such <package>"
    assert page.inner_text(".lbe-bad") == "4"
    assert "not reached" in step(page, "stage-0 5").inner_text()
    assert "exit 3" in page.input_value("textarea")


def test_another_build_that_runs_is_said(show):
    page = show()
    page.kernel.widget.notice = {"what": "A build is already running.", "why": "w", "next": "n"}
    page.evaluate("told => take(told)", state(page.kernel.widget))
    assert "A build is already running." in page.inner_text("[role=alert]")


def test_text_is_text_and_nothing_else(show):
    hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    files = {"Dockerfile": f"FROM lbl/busybox:1\nRUN echo {hostile}\n", f"{hostile[:28]}.txt": "a"}
    page = show(FakeBench(files, tag="lbl/x:1"))
    page.click("text=Build without predicting")
    until(page, "result")
    assert page.locator("#out script, #out img, #out b").count() == 0
    assert hostile in step(page, "stage-0 2").inner_text()


@pytest.mark.parametrize("width", [1000, 600, 360])
def test_nothing_is_wider_than_its_place(show, width):
    long = "a-very-long-name-of-a-file-that-somebody-once-thought-of.configuration.json"
    line = f"RUN echo {'x' * 300}\n"
    page = show(FakeBench({**FILES, "Dockerfile": DOCKERFILE + line, long: "{}"}), width)
    first_round(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    panes = [page.locator(one).bounding_box() for one in (".lbe-files", ".lbe-build")]
    beside = panes[0]["y"] == panes[1]["y"]
    assert beside is (width == 1000)


def test_dark_has_light_text(show):
    page = show(dark=True)
    look = "one => getComputedStyle(one).color"
    assert page.eval_on_selector("textarea", look) == "rgb(255, 255, 255)"


def test_no_listener_stays_behind_a_closed_view(show):
    page = show()
    page.evaluate("window.clean()")
    page.kernel.widget.edit("Dockerfile", STAGES)
    page.kernel.widget.build(wait=True)
    page.evaluate("told => take(told)", state(page.kernel.widget))
    assert page.input_value("textarea") == DOCKERFILE
    assert page.inner_text(MAIN) == "Build"
