"""The build editor: change a file, predict every step, build, and see where you were wrong."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..builds.model import CACHED, RAN
from ..builds.rounds import Round
from ..errors import BuildFailed, CourseError, NotFound
from ..messages import language, speaking, text
from . import editor_words as words
from .editor_files import Bench, Texts

__all__ = ["BuildEditor", "build_editor"]

HERE = Path(__file__).parent
SCRIPTS = ("elements.js", "editor_text.js", "editor_steps.js", "build_editor.js")
PREDICT, BUILDING, RESULT = "predict", "building", "result"
# One build at a time in a kernel, whichever editor it belongs to: they share the builder's cache.
_one_build = threading.Lock()


class BuildEditor(anywidget.AnyWidget):
    """A widget in which a learner edits a build context, predicts its build, and builds it.

    The browser owns the text that is being typed and sends it in numbered messages. It takes texts
    from here only when ``heard`` holds the number of its last message, so that the late answer of
    a busy kernel cannot undo what was typed meanwhile.

    Attributes
    ----------
    files: the texts as edited, by name.
    predictions: step id → ``"cached"`` or ``"ran"``; what the learner clicked.
    phase: ``"predict"``, ``"building"`` or ``"result"``.
    rounds: one sentence for each round so far.
    """

    _esm = "".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    _css = (HERE / "build_editor.css").read_text("utf-8")

    tag = traitlets.Unicode().tag(sync=True)
    names = traitlets.List().tag(sync=True)
    files = traitlets.Dict().tag(sync=True)
    changed = traitlets.List().tag(sync=True)
    heard = traitlets.Dict().tag(sync=True)
    steps = traitlets.List().tag(sync=True)
    problem = traitlets.Dict().tag(sync=True)
    predictions = traitlets.Dict().tag(sync=True)
    phase = traitlets.Unicode(PREDICT).tag(sync=True)
    live = traitlets.Dict().tag(sync=True)
    result = traitlets.Dict().tag(sync=True)
    rounds = traitlets.List().tag(sync=True)
    notice = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._texts = Texts(bench)
        self._language = language()
        self._guard = threading.RLock()  # the build's thread and the kernel's both set traits
        self._thread: threading.Thread | None = None
        self.round: Round | None = None
        files = dict(self._texts.disk)
        super().__init__(tag=bench.tag, names=list(files), files=files, words=words.ui())
        self._parse()
        self._summary = words.summary(self.tag, self.names, self.steps)
        self._static = words.static(self._summary, self.files)
        self.on_msg(self._answer)

    # ---- what a learner does, for code and tests ----

    def edit(self, name: str, content: str) -> None:
        """Give a file another text, as typing does. It reaches the disk with the next build.

        Raises
        ------
        NotFound: the editor has no such file.
        """
        self._known(name)
        with self._guard, self.hold_sync():
            self.files = {**self.files, name: content}
            self.changed = self._texts.changed(self.files)
            if self.phase == PREDICT:
                self._parse()

    def reset(self, name: str) -> None:
        """Give a file the text that the course ships."""
        self._known(name)
        if self.phase == BUILDING:
            raise BuildFailed("widgets.editor.busy")
        self.edit(name, self._texts.reset(name))

    def predict(self, states: Mapping[str, str]) -> None:
        """Predict steps: ``{"stage-0 2": "cached", "stage-0 3": "ran"}``; a new round if one ended.

        Raises
        ------
        NotFound: there is no such step to predict, or no such prediction.
        """
        if self.phase == RESULT:
            self.next()
        known = words.asked(self.steps)
        for step, state in states.items():
            if step not in known or state not in (CACHED, RAN) or self.phase != PREDICT:
                raise NotFound("widgets.editor.no_step", step=step, known=", ".join(known) or "–")
        self.predictions = {**self.predictions, **states}

    def build(self, wait: bool = False) -> Round | None:
        """Write what was edited and build it in a thread.

        Parameters
        ----------
        wait: return when it has ended, with the round; otherwise return None at once.

        Raises
        ------
        BuildFailed: another build is running. A build that fails does not raise: the round says so.
        """
        if not _one_build.acquire(blocking=False):
            raise BuildFailed("widgets.editor.busy")
        try:
            if self.phase == RESULT:
                self.next()
            self._refresh()
            self._texts.save(self.files)
            with self._guard, self.hold_sync():
                self.live, self.notice, self.phase = {}, {}, BUILDING
            # In the context of this call: a thread would forget which language is spoken.
            run = contextvars.copy_context().run
            self._thread = threading.Thread(target=run, args=(self._run,), daemon=True)
            self._thread.start()
        except BaseException:
            self.phase = PREDICT
            _one_build.release()
            raise
        return self.wait() if wait else None

    def wait(self) -> Round | None:
        """Wait until the build has ended and return the last round; None if there is none."""
        if self._thread:
            self._thread.join()
        return self.round

    def next(self) -> None:
        """Begin the next round: predictions are cleared, what was built is the state before."""
        if self.phase == BUILDING:
            raise BuildFailed("widgets.editor.busy")
        self._refresh()
        with self._guard, self.hold_sync():
            self.phase, self.predictions = PREDICT, {}
            self.result, self.live, self.notice = {}, {}, {}
            self._parse()

    # ---- messages of the browser ----

    def _answer(self, _: object, content: Mapping[str, Any], __: object) -> None:
        """Do what a message asks; what goes wrong is shown, since nobody catches it here."""
        with speaking(self._language):
            try:
                self._do(content)
            except CourseError as error:
                self.notice = words.told(error)
            except Exception as error:  # of a library: still better shown than lost
                self.notice = words.told(words.unexpected(error))

    def _do(self, content: Mapping[str, Any]) -> None:
        match content:
            case {"kind": "edit", "name": name, "text": str(typed), "view": view, "turn": turn}:
                with self._guard, self.hold_sync():
                    self.heard = {**self.heard, view: turn}
                    self.edit(name, typed)
            case {"kind": "reset", "name": name}:
                self.reset(name)
            case {"kind": "build"}:
                self.build()
            case {"kind": "next"}:
                self.next()

    @traitlets.validate("predictions")
    def _of_steps(self, proposal: dict[str, Any]) -> dict[str, str]:
        known = words.asked(self.steps)
        given = proposal["value"].items()
        return {step: said for step, said in given if step in known and said in (CACHED, RAN)}

    # ---- files and steps ----

    def _known(self, name: str) -> None:
        if name not in self.files:
            known = ", ".join(self.names)
            raise NotFound("widgets.editor.no_file", file=name, known=known)

    def _parse(self) -> None:
        """List the steps of the Dockerfile. A text that cannot be read leaves the list as it is."""
        try:
            found = [words.listed(step) for step in self._bench.steps(self.files)]
        except CourseError as error:
            self.problem = words.unreadable(error)
            return
        self.problem = {}
        said = {step["id"]: step["instruction"] for step in self.steps}
        keep = {step["id"] for step in found if said.get(step["id"]) == step["instruction"]}
        self.steps = found
        self.predictions = {step: state for step, state in self.predictions.items() if step in keep}

    def _refresh(self) -> None:
        """Take over what was changed on the disk by other means; what was typed here stays."""
        files = self._texts.joined(self.files)
        with self._guard, self.hold_sync():
            self.names, self.files = list(files), files
            self.changed = self._texts.changed(files)

    # ---- the build's thread ----

    def _run(self) -> None:
        built = dict(self.files)
        try:
            done = self._bench.build(self._report)
        except CourseError as error:
            done = Round(error=error)
        except Exception as error:  # a thread's error would vanish
            done = Round(error=words.unexpected(error))
        finally:
            _one_build.release()
        try:
            self._show(done, built)
        except Exception as error:
            with self._guard, self.hold_sync():
                self.phase, self.notice = PREDICT, words.told(words.unexpected(error))

    def _report(self, step: str, state: str) -> None:
        with self._guard:
            self.live = {**self.live, step: state}

    def _show(self, done: Round, built: dict[str, str]) -> None:
        self.round = done
        name = text("widgets.editor.round", number=len(self.rounds) + 1)
        with self._guard, self.hold_sync():
            if done.trace:
                self.steps = [words.listed(step) for step in done.trace]
            elif self.problem:  # what is listed is not what was built
                self.steps = []
            self.result = words.outcome(done, self.steps, dict(self.predictions), name)
            self.rounds = [*self.rounds, self.result["title"]]
            self._texts.built = built
            self.changed = self._texts.changed(self.files)
            self.phase = RESULT

    # ---- words ----

    def __repr__(self) -> str:
        return self._summary

    def __str__(self) -> str:
        """The editor as it is now, in words."""
        return words.twin(self)

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        """Return the widget, and for a notebook without a kernel its files and steps as HTML."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self._summary, "text/html": self._static}, metadata


def build_editor(bench: Bench) -> BuildEditor:
    """Return an editor for a build context, with a prediction and a build.

    Parameters
    ----------
    bench: what `helpers.builds.workbench` returned.
    """
    return BuildEditor(bench)
