"""Questions as menus, and below them what the answers mean for each platform."""

from __future__ import annotations

from typing import Any

import ipywidgets

from ..choosing import Choice, choose, questions
from ..messages import language, speaking, text

__all__ = ["Chooser", "chooser"]

OPEN = ""  # the value of a menu whose question is left open


class Chooser(ipywidgets.VBox):
    """A menu for each question; the table below follows each change.

    The menus are the browser's own, so that they work with the keyboard and a screen reader, which
    is told the summary again when it changes. A notebook without a kernel, and ``print``, show what
    the first answers mean.
    """

    def __init__(self, **answers: str) -> None:
        self._language = language()
        choose(**answers)  # refuses what is no question or answer
        self.menus = {key: _menu(key, answers.get(key, OPEN)) for key in questions()}
        self.result = ipywidgets.HTML()
        self._show()
        for menu in self.menus.values():
            menu.observe(self._show, "value")
        super().__init__([ipywidgets.VBox(list(self.menus.values())), self.result])

    @property
    def choice(self) -> Choice:
        """What the answers that are chosen now mean."""
        return choose(**{key: menu.value for key, menu in self.menus.items() if menu.value})

    def _show(self, _change: object = None) -> None:
        with speaking(self._language):
            self.result.value = self.choice.html()

    def __repr__(self) -> str:
        with speaking(self._language):
            return str(self.choice)

    def _repr_mimebundle_(self, **kwargs: object) -> Any:
        """Return the widget, and for a notebook without a kernel the result as static HTML."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": repr(self), "text/html": self.result.value}, metadata


def chooser(**answers: str) -> Chooser:
    """Return a widget that asks where an application shall run, and shows what follows.

    Parameters
    ----------
    **answers: what is chosen at first, as for `helpers.choosing.choose`.

    Raises
    ------
    NotFound: as for `helpers.choosing.choose`.
    """
    return Chooser(**answers)


def _menu(key: str, value: str) -> ipywidgets.Dropdown:
    options = [(text("choosing.widget.open"), OPEN)]
    options += [(text(f"choosing.answer.{key}.{one}"), one) for one in questions()[key]]
    return ipywidgets.Dropdown(
        options=options,
        value=value,
        description=text(f"choosing.question.{key}"),
        style={"description_width": "30em"},
        layout={"width": "min(100%, 62em)"},
    )
