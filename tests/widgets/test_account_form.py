"""The rehearsal form without a browser: its state, its answers, and what it touches: nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from helpers import account, messages, widgets

SENTINEL = "SENTINEL-7Q"
FORBIDDEN = ("open", "socket.", "subprocess.", "sqlite3.", "os.", "urllib.", "shutil.", "tempfile.")
_heard: list[str] | None = None


def _listen(event: str, _: object) -> None:
    if _heard is not None and event.startswith(FORBIDDEN):
        _heard.append(event)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect every file, socket and process that Python opens meanwhile."""
    global _heard
    if not getattr(sys, "_course_listens", False):  # an audit hook cannot be taken away
        sys.addaudithook(_listen)
        sys._course_listens = True  # type: ignore[attr-defined]
    _heard = found = []
    try:
        yield found
    finally:
        _heard = None


@pytest.fixture
def form(monkeypatch: pytest.MonkeyPatch) -> widgets.AccountForm:
    made = widgets.account_form()
    made.told = []  # what the page would hear
    monkeypatch.setattr(made, "send", made.told.append)
    return made


def ask(form: widgets.AccountForm, **message: object) -> dict:
    form._handle_custom_msg({"id": len(form.told), **message}, [])
    return form.told[-1]


def through(form: widgets.AccountForm, values: dict[str, str]) -> list[dict]:
    """Go through all pages, each code sent and typed; return what each page found wrong."""
    found = []
    for number, page in enumerate(account.PAGES):
        for one in page.fields:
            if one.kind == "code":
                values[one.id] = ask(form, kind="code", field=one.id, values=values)["code"]
        found.append(ask(form, kind="look", page=number, values=values)["wrong"])
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_invented_data_get_through_and_touch_no_file_and_no_socket(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with messages.speaking(language):
        form = widgets.account_form()
        form.told = []
        monkeypatch.setattr(form, "send", form.told.append)
        values = dict(account.sample())
        with watched() as touched:
            assert through(form, values) == [{}] * 12
        assert touched == []
        with watched() as touched, open(__file__):  # noqa: PTH123  the watch does see such things
            pass
        assert touched


def test_what_is_typed_is_nowhere_in_the_widget(form: widgets.AccountForm) -> None:
    values = {name: f"{SENTINEL}-{name}" for name in account.FIELDS}
    values["mail"], values["mobile"] = f"{SENTINEL}@example.com", "13800138000"
    assert sum(map(bool, through(form, values))) > 8
    assert SENTINEL not in json.dumps(form.told, default=str)
    kept = [json.dumps(form.get_state(), default=str), repr(vars(form._rehearsal)), repr(form),
            repr(form._repr_mimebundle_())]  # fmt: skip
    assert [one for one in kept if SENTINEL in one or "13800138000" in one] == []


def test_a_code_is_for_the_address_that_it_was_sent_to(form: widgets.AccountForm) -> None:
    values = {"mail": "a@example.com", "mail_code": "000000"}
    assert "mail_code" in ask(form, kind="look", page=0, values=values)["wrong"]
    sent = ask(form, kind="code", field="mail_code", values=values)["code"]
    values["mail_code"] = sent
    assert ask(form, kind="look", page=0, values=values)["wrong"] == {}
    values["mail"] = "b@example.com"
    assert list(ask(form, kind="look", page=0, values=values)["wrong"]) == ["mail_code"]
    refused = ask(form, kind="code", field="mail_code", values={"mail": "nobody"})
    assert refused["code"] == "" and refused["reason"]
    values["mail"] = "a@example.com"
    form._handle_custom_msg({"kind": "forget"}, [])
    assert "mail_code" in ask(form, kind="look", page=0, values=values)["wrong"]


def test_messages_that_are_none_are_ignored(form: widgets.AccountForm) -> None:
    wrong = [{"kind": "look", "page": 99, "values": {}}, {"kind": "look", "page": "x"}, {}]
    for message in [*wrong, {"kind": "code", "field": "password", "values": {}}, {"kind": 3}]:
        form._handle_custom_msg({"id": 1, **message}, [])
    assert form.told == []


def test_words_name_all_pages_and_what_is_assumed(form: widgets.AccountForm) -> None:
    lines = repr(form).splitlines()
    assert lines[0] == ("Rehearsal: opening an account in AWS China, 12 pages, 29 fields, "
                        "19 of their rules assumed")  # fmt: skip
    assert lines[8].startswith(
        "  8. Business licence: Kind of certificate, Name on the licence (assumed)"
    )
    assert form._repr_mimebundle_()[0]["text/html"].count("<li>") == 12
