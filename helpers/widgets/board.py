"""The board: nodes, services and tasks of a cluster, live, with an operator's buttons."""

from __future__ import annotations

import contextlib
import io
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import anywidget
import traitlets

from ..cluster.model import View
from ..errors import ClusterFailed, CourseError
from ..messages import language, speaking
from ..text import plain
from . import board_words as words

__all__ = ["Actions", "Board", "board"]

HERE = Path(__file__).parent
SCRIPTS = ("elements.js", "board.js")
LEAVES = 120.0  # seconds without a sign of a page until nobody looks any more
MOST = 20  # replicas that the buttons ask for at most: all nodes share one machine
LINES = 6  # of commands that are shown
COMMAND = re.compile(r"(\S+ )?\$ ")  # with the node that it is typed on


class Actions(Protocol):
    """What the buttons do; `helpers.cluster.Cluster` has all. What is missing has no button."""

    def scale(self, service: str, replicas: int) -> object: ...
    def drain(self, node: str) -> object: ...
    def activate(self, node: str) -> object: ...
    def kill(self, task: str) -> object: ...


class Board(anywidget.AnyWidget):
    """A widget that shows where each task runs, and gives orders to a manager.

    It looks once when it is made. While a page shows it, a thread looks again every ``every``
    seconds; it ends when the last page is closed, or with `close`.

    Attributes
    ----------
    view: the last look.
    content: the same for the browser; see `board_words.content`.
    live: whether the thread looks.
    notice: what went wrong with the last order, in three parts; empty if nothing did.
    trouble: what went wrong with the last look, likewise.
    commands: the last commands that the buttons stood for, as a person would type them.
    """

    _esm = "".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    _css = (HERE / "board.css").read_text("utf-8")

    content = traitlets.Dict().tag(sync=True)
    can = traitlets.List().tag(sync=True)
    most = traitlets.Int(MOST).tag(sync=True)
    live = traitlets.Bool(False).tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)
    trouble = traitlets.Dict().tag(sync=True)
    commands = traitlets.List().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(
        self, look: Callable[[], View], actions: object = None, every: float = 1.0,
        kind: str = "task",
    ) -> None:  # fmt: skip
        self._look, self._actions = look, actions
        self.every, self.kind = max(0.1, every), kind
        self._language = language()
        self._guard = threading.RLock()  # the thread and the kernel set the same traits
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._pages: dict[str, float] = {}
        self.view = look()
        can = [name for name in words.ACTIONS if callable(getattr(actions, name, None))]
        super().__init__(content=words.content(self.view, kind), can=can, words=words.ui())
        self._summary = words.summary(self.view, kind)
        self._static = words.static(self._summary)
        self.on_msg(self._heard)

    # ---- orders, for code and tests as for the buttons ----

    def scale(self, service: str, replicas: int) -> None:
        """Ask for so many replicas of a service."""
        self._order("scale", service, replicas)

    def drain(self, node: str) -> None:
        """Let a node have no more tasks."""
        self._order("drain", node)

    def activate(self, node: str) -> None:
        """Let a node get tasks again."""
        self._order("activate", node)

    def kill(self, task: str) -> None:
        """Kill a task's container."""
        self._order("kill", task)

    def _order(self, action: str, *about: object) -> None:
        """Do it and look again; what it prints is shown as commands.

        Raises
        ------
        ClusterFailed: the board was made without this action; else whatever the action raises.
        """
        if action not in self.can:
            raise ClusterFailed("orchestration.board.cannot", action=action)
        printed = io.StringIO()
        self.busy = True
        try:
            with contextlib.redirect_stdout(printed):
                getattr(self._actions, action)(*about)
        finally:
            told = [plain(line) for line in printed.getvalue().splitlines() if COMMAND.match(line)]
            with self._guard, self.hold_sync():
                self.commands = [*self.commands, *told][-LINES:]
                self.busy = False
        self.look()

    def look(self) -> View:
        """Look once more, show it and return it.

        Raises
        ------
        Whatever ``look`` raises; the board then keeps what it showed.
        """
        view = self._look()
        with self._guard, self.hold_sync():
            self.view = view
            self.content = words.content(view, self.kind)
            self.trouble = {}
        return view

    # ---- looking on and on ----

    def start(self) -> None:
        """Look every ``every`` seconds until `stop`, `close`, or the last page has gone."""
        with self._guard:
            if self._thread and self._thread.is_alive() and not self._end.is_set():
                return
            self._end = end = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(end,), daemon=True)
            self.live = True
            self._thread.start()

    def stop(self) -> None:
        """End looking; returns when the thread has ended, or after ten seconds."""
        self._end.set()
        thread = self._thread
        if thread and thread is not threading.current_thread():
            thread.join(10)
        self.live = False

    def close(self) -> None:
        """End looking and take the widget from the page."""
        self.stop()
        super().close()

    def _run(self, end: threading.Event) -> None:
        with speaking(self._language):  # a thread would forget it
            while not end.wait(self.every) and not self._left():
                try:
                    self.look()
                except CourseError as error:
                    self.trouble = words.said_of(error)
                except Exception as error:  # a thread's error would vanish
                    self.trouble = words.said_of(words.unexpected(error))
        if not end.is_set():  # everybody has left
            self.live = False
            end.set()

    def _left(self) -> bool:
        """Whether every page that showed the board has been silent for too long."""
        with self._guard:
            late = time.monotonic() - LEAVES
            for page in [page for page, seen in self._pages.items() if seen < late]:
                del self._pages[page]
                if not self._pages:
                    return True
            return False

    # ---- messages of the browser ----

    def _heard(self, _: object, message: Mapping[str, Any], __: object) -> None:
        match message:
            case {"kind": "here", "page": str(page)}:
                with self._guard:
                    self._pages[page] = time.monotonic()
                self.start()
            case {"kind": "gone", "page": str(page)}:
                with self._guard:
                    self._pages.pop(page, None)
                    last = not self._pages
                if last:
                    self.stop()
            case _:
                with speaking(self._language), self._shown():
                    self._do(message)

    def _do(self, message: Mapping[str, Any]) -> None:
        match message:
            case {"kind": "scale", "service": str(service), "replicas": int(count)}:
                self.scale(service, min(max(count, 0), MOST))
            case {"kind": "drain" | "activate" as action, "node": str(node)}:
                self._order(action, node)
            case {"kind": "kill", "task": str(task)}:
                self.kill(task)

    @contextlib.contextmanager
    def _shown(self) -> Iterator[None]:
        """Show what goes wrong in the widget, since nobody catches it here."""
        try:
            yield
            notice = {}
        except CourseError as error:
            notice = words.said_of(error)
        except Exception as error:  # of a library: still better shown than lost
            notice = words.said_of(words.unexpected(error))
        with self._guard, self.hold_sync():
            self.notice = notice
            self.answered += 1

    # ---- words ----

    def listing(self) -> str:
        """Return every task by name below its node, as they are at this moment."""
        return words.listing(self.look(), self.kind)

    def __repr__(self) -> str:
        return self._summary

    def __str__(self) -> str:
        """The board as it is now, in words that hold in each run: see `listing` for the rest."""
        return words.summary(self.look(), self.kind)

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        """Return the widget, and for a notebook without a kernel its words as HTML."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self._summary, "text/html": self._static}, metadata


def board(
    look: Callable[[], View], actions: object = None, every: float = 1.0, *, kind: str = "task"
) -> Board:
    """Return a board of a cluster: its nodes, services and tasks, live, with buttons.

    Parameters
    ----------
    look: returns the nodes, services and tasks as they are: ``cluster.look``.
    actions: an object with some of the methods of `Actions`, as the cluster itself; None for a
        board that only shows.
    every: seconds between two looks.
    kind: ``"task"`` or ``"pod"``: what the words call the things that run.
    """
    return Board(look, actions, every, kind)
