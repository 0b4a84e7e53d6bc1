"""Suggest changes to a build, measure each, and claim only what was measured."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from ..bases import MAKERS
from ..contexts import Ignore, snapshot
from ..engine import Engine, connect, labels, talking
from ..errors import BuildFailed, NotFound
from ..messages import text
from ..text import escape
from . import suggestions
from .advice import Advice, Advices, Cost, Measured
from .dockerfile import base_images
from .edits import choose, salted
from .live import listening
from .measuring import Bench, Side
from .predict import Edit
from .request import Context, Request, planned
from .suggestions import Change, Draft, Sight, split
from .syntax import check
from .trial import outcome, same_config, same_files, started

__all__ = ["advise"]


def advise(
    context: Context | Path | str,
    tag: str = "",
    *,
    edit: Edit | Iterable[Edit] | None = None,
    engine: Engine | None = None,
    args: Mapping[str, str] | None = None,
    target: str | None = None,
    file: str = "Dockerfile",
    secrets: Mapping[str, str] | None = None,
) -> Advices:
    """Return changes that make a build better, each measured by building with and without it.

    Looked for are: sources, or a version that changes often, above slow steps that do not need
    them (``"order"``); what is copied and no program needs (``"ignore"``); files that stay in a
    layer though they are removed later, or are an installer's cache (``"clean-up"``); a compiler in
    the final image (``"stages"``). Only what can be told from the commands is suggested.

    To measure, the context is copied twice, once with the change. Both copies are built, edited in
    the same way and built again; then it is compared what ran, how long it took, how large image
    and context are. A change after which the build fails, or the image starts otherwise or lacks a
    file that it had, is dropped. The context is not changed, and no image is left.

    Parameters
    ----------
    context: what `scenarios.start` returned, or a folder with a ``Dockerfile``.
    tag: how the image is called in `Advice.points`; nothing is built or looked up under this name.
    edit: what is edited before the rebuild; default: one more line in a source file that is copied
        and is no manifest. A version that moves is measured by giving it another value.
    args, target, file, secrets: as for `helpers.builds.run`.

    Raises
    ------
    BuildFailed: the Dockerfile has a mistake, or the context, where something is to be measured,
        cannot be built as it is; the message names the line.
    NotFound: no such folder, no Dockerfile in it, or an edit of a file that is not there.
    EngineLost, NoSpace, TimedOut, NotWritable: as `helpers.builds.run`.
    """
    engine = engine or connect()
    asked = Request.of(context, args=args, target=target, file=file, secrets=secrets)
    check(asked.dockerfile, asked.shown)
    for base in base_images(asked.dockerfile, asked.args):
        if base in MAKERS:
            MAKERS[base](engine)
    sight = _sight(engine, asked)
    given = _given(sight, edit)
    drafts = list(suggestions.find(sight))
    if not drafts and not split.possible(sight):
        return Advices()
    with Bench(sight, engine) as bench, _Told() as told, listening(lambda news: None):
        return _Measurement(sight, engine, bench, told, given, tag).of(drafts)


def _sight(engine: Engine, asked: Request) -> Sight:
    found = snapshot(asked.folder, asked.file)
    dockerfile = (asked.folder / asked.file).read_bytes().decode(errors="surrogateescape")
    # With BuildKit's rules whatever builder is there: the advice is to be the same everywhere.
    plan = planned(engine, asked, found, dockerfile, classic=False)
    return Sight(asked, dockerfile, found, plan)


def _given(sight: Sight, edit: Edit | Iterable[Edit] | None) -> Change | None:
    """Return the caller's edit as a change; None if there is none."""
    if edit is None:
        return None
    edits = [edit] if isinstance(edit, Edit) else list(edit)
    found = []
    for one in edits:
        rules = (sight.asked.file, *Ignore.files(sight.asked.file))
        known = sight.snapshot.files.get(one.path)
        inside = ".." not in one.path.split("/") and not one.path.startswith("/")
        if one.path in rules or not inside or (known is None and one.content is None):
            raise NotFound("builds.advice.edit", file=one.path, folder=sight.asked.shown)
        if one.content is None and one.mode is None and not one.remove:
            one = Edit(one.path, content=(sight.asked.folder / one.path).read_bytes())
        found.append(one)
    return Change(text("builds.and_so_on").join(one.path for one in found), tuple(found))


class _Measurement:
    """Holds each suggestion against the context as it is, which is built once."""

    def __init__(
        self, sight: Sight, engine: Engine, bench: Bench, told: _Told, given: Change | None,
        tag: str,
    ) -> None:  # fmt: skip
        self.sight, self.engine, self.bench, self.told = sight, engine, bench, told
        self.given, self.tag = given, tag
        self.salt = tuple(salted(given, choose(sight))) if given else ()
        self._costs: dict[Change, Cost] = {}
        self._before: str | None = None

    def of(self, drafts: list[Draft]) -> Advices:
        """Return the advice that the suggestions come to.

        Raises
        ------
        BuildFailed: the context as it is cannot be built.
        """
        self.told.say(text("builds.advice.building"))
        before = self.bench.side({}, self.salt)
        drafts = [*drafts, *split.find(self.sight, before.image, self._below)]
        drafts = [draft for draft in drafts if draft.evidence(before.image)]
        drafts = [draft for draft in drafts if self._change(draft) or draft.kind != "order"]
        good, without = [], []
        for number, draft in enumerate(drafts, 1):
            self.told.say(text("builds.advice.measuring", number=number, count=len(drafts)))
            if advice := self._advice(draft, before):
                (good if advice.gain else without).append(advice)
        return Advices(good, without)

    def _advice(self, draft: Draft, before: Side) -> Advice | None:
        """Return a suggestion with its measurement; None if the change does not do the same."""
        change = self._change(draft) or Change()
        try:
            after = self.bench.side(draft.files, self.salt)
            if not self._same(draft, before, after):
                return None
            if change not in self._costs:
                self._costs[change] = self.bench.measure(before, change)
            measured = Measured(self._costs[change], self.bench.measure(after, change), change.name)
        except BuildFailed:
            return None  # a change that does not build is no advice
        originals = {path: self._original(path) for path in draft.files}
        return Advice(
            draft.kind, draft.line, dict(draft.files), measured, originals, self.tag, draft.said,
            draft.values,
        )  # fmt: skip

    def _change(self, draft: Draft) -> Change | None:
        """Return what is changed before the rebuilds; None if there is nothing to change."""
        change = draft.change or self.given or choose(self.sight, draft.among)
        return change if change != Change() else None

    def _original(self, path: str) -> str | None:
        try:
            data = (self.sight.asked.folder / path).read_bytes()
        except OSError:
            return None
        return data.decode(errors="surrogateescape")

    def _same(self, draft: Draft, before: Side, after: Side) -> bool:
        """Whether the changed image still does what the other one does, as far as can be seen."""
        one, other = before.image, after.image
        split_off = draft.kind == "stages"
        bare = split_off and draft.values["base"] == "scratch"
        if not same_config(one.config, other.config, bare=bare):
            return False

        def may_go(path: str) -> bool:
            own = any(f"/{path}".endswith(f"/{name}") for name in draft.files)
            return own or draft.may_go(path)  # where all is copied, what changes lies in the image

        if not same_files(one, other, may_go, strict=not split_off):
            return False
        named = {path for path in started(one) if not split_off or not draft.may_go(path)}
        if not named <= set(started(other)):
            return False
        if not draft.runs:
            return True
        lesson = self.sight.asked.lesson
        if self._before is None:
            self._before = outcome(self.engine, before.tag, lesson)
        return outcome(self.engine, after.tag, lesson) == self._before

    def _below(self, name: str) -> str | None:
        """Return the image with most layers of this one below its topmost; the course's first."""
        with talking(self.engine):
            api = self.engine.client.api
            layers = api.inspect_image(name)["RootFS"].get("Layers") or []
            found = []
            for listed in api.images():
                tags = [t for t in listed.get("RepoTags") or () if t != "<none>:<none>"]
                tags = [tag for tag in tags if not tag.startswith("lbl/advice-")]
                if not tags:
                    continue
                told = api.inspect_image(listed["Id"])
                own = told["RootFS"].get("Layers") or []
                if own and len(own) < len(layers) and layers[: len(own)] == own:
                    foreign = not labels.ours((told.get("Config") or {}).get("Labels"))
                    found.append((-len(own), foreign, min(tags)))
        return min(found)[2] if found else None


class _Told:
    """Says what is being measured: in JupyterLab below the cell, in a terminal in one line."""

    def __init__(self) -> None:
        self._handle = None

    def __enter__(self) -> _Told:
        return self

    def say(self, words: str) -> None:
        if os.environ.get("JPY_SESSION_NAME"):
            from IPython.display import display

            html = {
                "text/html": f"<pre>{escape(words)}</pre>" if words else "",
                "text/plain": words,
            }
            if self._handle is None:
                self._handle = display(html, raw=True, display_id=True)
            else:
                self._handle.update(html, raw=True)
        elif sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.say("")
