"""The hub's pages in Chinese, made from the JupyterHub that is installed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import jupyterhub._data
import pytest

from helpers.classroom.hub import pages
from helpers.messages import catalogue

OWN = Path(jupyterhub._data.DATA_FILES_PATH) / "templates"
NAMES = {"ann", "jupyterhub", "http", "https", "javascript", "error", "ok"}  # as they are


class Shown(HTMLParser):
    """Collects what a reader sees, or hears from a screen reader."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "title"):
            self.inside.append(tag)
        found = dict(attrs)
        wanted = ["title", "aria-label", "placeholder"]
        if found.get("type") == "submit":
            wanted.append("value")
        self.words += [found[name] or "" for name in wanted if name in found]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not self.inside:
            self.words.append(data)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> jinja2.Environment:
    folder = tmp_path_factory.mktemp("pages")
    pages.make(OWN, folder, "zh")
    loader = jinja2.FileSystemLoader([folder, OWN])
    found = jinja2.Environment(loader=loader, autoescape=True)
    found.globals.update(static_url=lambda *_, **__: "/x", said=pages.said("zh"))
    return found


STATES: dict[str, dict[str, object]] = {
    "login": {"login_error": "Invalid username or password", "authenticator": {}},
    "home stopped": {"default_server": {"active": False}},
    "home running": {"default_server": {"active": True}},
    "spawn_pending": {},
    "not_running stopped": {},
    "not_running failed": {"failed": True, "failed_message": "没有内存了"},
    "not_running again": {"implicit_spawn_seconds": 3},
    "stop_pending": {},
    "404": {"status_code": 404, "status_message": "Not Found"},
    "error": {"status_code": 403, "status_message": "Forbidden", "message": ""},
    "logout": {},
}


@pytest.mark.parametrize("state", STATES)
def test_a_reader_of_chinese_sees_no_english(templates, state):
    page = templates.get_template(f"{state.split()[0]}.html")
    user = (
        {}
        if state in ("login", "logout")
        else {"name": "ann", "json_escaped_name": "ann", "spawner": {}}
    )
    shown = Shown()
    shown.feed(page.render(user=user, parsed_scopes={"admin-ui"}, base_url="/", **STATES[state]))
    english = {word.lower() for text in shown.words for word in re.findall("[A-Za-z]{2,}", text)}
    close = {"close"}  # of the box for errors, whose names JupyterHub's programs need
    assert english - NAMES - close - {"the"} == set()
    assert re.search("[\u4e00-\u9fff]", "".join(shown.words))


@pytest.mark.parametrize("page", pages.PAGES)
def test_every_word_stands_in_the_template(page):
    source = (OWN / f"{page}.html").read_text("utf-8")
    words = [v["en"] for key, v in catalogue().items() if key.startswith(f"hub.{page}.")]
    assert [word for word in words if word not in source] == []
    if page in pages.SHOWN:
        assert pages.SHOWN[page][0] in source


def test_what_jupyterhub_says_is_still_said():
    package = Path(jupyterhub.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    found = [words for words in pages.said("zh") if words not in sources]
    assert set(found) <= {"Not Found", "Forbidden"}  # http.client's
