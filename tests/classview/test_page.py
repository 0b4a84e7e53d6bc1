"""The page in a real browser: it follows the class, and leaves alone what somebody looks at."""

from __future__ import annotations

import pytest

from helpers.classview import contract, sending
from helpers.classview.classes import Class
from helpers.classview.receiver import Receiver

from .conftest import serving

pytestmark = pytest.mark.browser


def tell(room: Class, name: str, message: str) -> None:
    seat = name.encode().hex().ljust(32, "0")
    right = message.endswith("right")
    event = contract.Event(f"{tell.number:016x}", "01.2", right, message, 0)
    tell.number += 1
    body = contract.Report(name, seat, (event,)).write()
    assert sending.post(room.code(), "/report", body).status == 200


tell.number = 0


def test_the_page_follows_the_class(browser, room: Class) -> None:
    page = browser.new_page()
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    with serving(room) as receiver:
        tell(room, "Ada", "lesson01.ex2.missing")
        page.goto(f"{receiver.url}?language=en&names=on")
        page.get_by_text("Learners: 1 · longest: under a minute").wait_for()
        page.get_by_text("What to say").click()
        page.get_by_text("The cell that wrote the shopping list").wait_for()
        tell(room, "<b>Bob</b>", "lesson01.ex2.missing")
        page.get_by_text("Learners: 2 · longest: under a minute").wait_for()
        assert page.get_by_role("row", name="<b>Bob</b>").count() == 1
        assert page.get_by_text("The cell that wrote the shopping list").is_visible()
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        assert page.get_by_role("status").inner_text() == "2 joined · 2 not through where they are"
        page.get_by_text("Hide names").click()
        page.get_by_role("row", name="Learner 2").wait_for()
        assert page.get_by_text("Ada").count() == 0
        page.get_by_text("简体中文").click()
        page.get_by_text("卡在同一处检查").wait_for()
        assert page.get_by_text("学员 2（不到 1 分钟，1 次）").count() == 1
        assert page.get_by_role("alert").inner_text() == ""
        assert wrong == []
    page.get_by_text("班级视图没有应答").wait_for()
    with serving(room):
        page.locator("#lost:empty").wait_for(state="attached")
    assert {url.split("/")[2] for url in asked} == {f"127.0.0.1:{room.view_port}"}
    page.close()


def test_how_to_join_stands_open_until_somebody_has(browser, room: Class) -> None:
    page = browser.new_page()
    with serving(room) as receiver:
        page.goto(f"{receiver.url}?language=zh&names=on")
        cell = page.locator("#join pre").first
        assert cell.is_visible()
        assert cell.inner_text().splitlines() == [
            "from helpers import exercises",
            f'exercises.join("你的名字", "{room.code()}")',
        ]
        tell(room, "Ada", "lesson01.ex2.missing")
        page.get_by_role("row", name="Ada").wait_for()
        assert cell.is_visible(), "what somebody looks at is left alone"
        page.reload()
        assert not page.locator("#join pre").first.is_visible()
    page.close()


def test_it_can_be_read_without_a_script(browser, receiver: Receiver, room: Class) -> None:
    tell(room, "Ada", "lesson01.ex2.missing")
    page = browser.new_page(java_script_enabled=False)
    page.goto(receiver.url)
    assert page.get_by_role("row", name="Ada").count() == 1
    page.close()
