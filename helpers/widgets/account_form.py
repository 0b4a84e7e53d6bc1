"""The rehearsal form: the twelve pages of opening an account in AWS China.

What is typed is not a trait, so that it is no part of the widget's state: JupyterLab can write that
into the notebook (*Save Widget State Automatically*). It stays in the script's memory in the page,
comes here in a message when a page is looked at, and is dropped with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..account import FIELDS, PAGES, Field, Page, Rehearsal, sample
from ..messages import catalogue, language, speaking, text
from ..text import escape

__all__ = ["AccountForm", "account_form"]

HERE = Path(__file__).parent
SCRIPTS = ("elements.js", "account_form.js")
UI = "account.form.ui."  # keys of the words that the browser shows
FILLED_IN = ("number", "count", "title", "code", "rule")  # fields that the browser fills in
LONG = 500  # characters of a value that are looked at


class AccountForm(anywidget.AnyWidget):
    """A widget that leads through the sign-up, page by page, and keeps nothing.

    Attributes
    ----------
    pages: what the pages ask for, with an invented value for each field.
    words: what the browser shows.
    """

    _esm = "".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    _css = (HERE / "account_form.css").read_text("utf-8")

    pages = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self) -> None:
        self._language = language()
        self._rehearsal = Rehearsal()
        self._summary = _summary()
        super().__init__(pages=[_page(one) for one in PAGES], words=_ui())
        self.on_msg(self._heard)

    def _heard(self, _: object, message: Mapping[str, Any], __: object) -> None:
        with speaking(self._language):
            match message:
                case {"kind": "look", "id": int(asked), "page": int(page), "values": dict(values)}:
                    if 0 <= page < len(PAGES):
                        wrong = self._rehearsal.look(page, _strings(values))
                        self.send({"kind": "looked", "id": asked, "page": page, "wrong": wrong})
                case {"kind": "code", "id": int(asked), "field": str(field), "values": dict(all_)}:
                    if field in FIELDS and FIELDS[field].kind == "code":
                        code, reason = self._rehearsal.send(field, _strings(all_))
                        self.send({"kind": "code", "id": asked, "field": field, "code": code,
                                   "to": FIELDS[field].to, "reason": reason})  # fmt: skip
                case {"kind": "forget"}:
                    self._rehearsal.forget()

    def __repr__(self) -> str:
        return self._summary

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        """Return the widget, and for a notebook without a kernel its pages in words."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        static = _static(self._summary, self._language)
        return {**data, "text/plain": self._summary, "text/html": static}, metadata


def account_form() -> AccountForm:
    """Return a form to rehearse opening an account in AWS China; nothing typed is kept or sent."""
    return AccountForm()


def _strings(values: Mapping[Any, Any]) -> dict[str, str]:
    return {name: str(value)[:LONG] for name, value in values.items() if name in FIELDS}


def _page(page: Page) -> dict[str, object]:
    return {"title": page.title, "about": page.about, "fields": [_field(f) for f in page.fields]}


def _field(one: Field) -> dict[str, object]:
    return {
        "id": one.id,
        "kind": one.kind,
        "label": one.label,
        "rule": one.rule,
        "source": one.said_by,
        "assumed": not one.source,
        "options": list(one.named().items()),
        "to": one.to,
        "sample": sample().get(one.id, ""),
    }


def _ui() -> dict[str, str]:
    """Return the words of the widget, their fields unfilled: the browser fills them in."""
    fields = {name: "{" + name + "}" for name in FILLED_IN}
    return {key.removeprefix(UI): text(key, **fields) for key in catalogue() if key.startswith(UI)}


def _summary() -> str:
    assumed = sum(not one.source for one in FIELDS.values())
    lines = [text("account.form.summary", pages=len(PAGES), fields=len(FIELDS), assumed=assumed)]
    for number, page in enumerate(PAGES, 1):
        names = [one.label if one.source else text("account.form.assumed_field", label=one.label)
                 for one in page.fields]  # fmt: skip
        fields = text("account.form.comma").join(names)
        lines.append(text("account.form.page", number=number, title=page.title, fields=fields))
    return "\n".join(lines)


def _static(summary: str, code: str) -> str:
    title, *pages = summary.splitlines()
    with speaking(code):
        how = escape(text("account.form.run"))
    items = "".join(f"<li>{escape(line.split('. ', 1)[1])}</li>" for line in pages)
    return f"<div><p><strong>{escape(title)}</strong></p><ol>{items}</ol><p>{how}</p></div>"
