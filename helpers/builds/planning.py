"""From the instructions of a Dockerfile to planned steps, and the state that goes along."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..contexts import Snapshot
from ..contexts.globs import clean
from .contents import Contents, Written
from .dockerfile import Instruction, Stage, escape_of, global_arguments
from .expansion import assignments, expand, words
from .plan import Base, Parts, Planned, digest

__all__ = ["Planning"]

SHELL = ("/bin/sh", "-c")
# Known to every build without an ARG, and no part of a RUN's cache key.
# https://docs.docker.com/reference/dockerfile/#predefined-args
PREDEFINED = {f"{p}_PROXY" for p in ("HTTP", "HTTPS", "FTP", "NO", "ALL")}
PREDEFINED |= {name.lower() for name in PREDEFINED}
NOTHING = ("scratch", "", "")


@dataclass
class State:
    """What a stage has come to: where it stands, and what the next instruction sees."""

    below: tuple[str, str, str] = NOTHING
    above: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    user: str = ""
    workdir: str = "/"
    shell: tuple[str, ...] = SHELL
    contents: Contents = field(default_factory=lambda: Contents(""))

    def copy(self) -> State:
        return State(
            self.below, self.above, dict(self.env), dict(self.args), self.user, self.workdir,
            self.shell, self.contents.copy(),
        )  # fmt: skip

    @property
    def values(self) -> dict[str, str]:
        """The variables that an instruction may refer to; ENV beats ARG."""
        return {**self.args, **self.env}


class Planning:
    """Goes through the stages once; ``uses`` tells which stages each stage needs."""

    def __init__(
        self,
        snapshot: Snapshot,
        bases: Mapping[str, Base],
        given: dict[str, str],
        dockerfile: str,
        *,
        classic: bool,
        link: bool,
    ) -> None:
        self.snapshot, self.bases, self.given = snapshot, bases, given
        self.globals = global_arguments(dockerfile, given)
        self.escape = escape_of(dockerfile)
        self.classic, self.link = classic, link
        self.uses: dict[str, set[str]] = {}
        self.states: dict[str, State] = {}
        self.order: list[str] = []
        self._inputs: list[str] = []
        self._lands: dict[str, str] = {}

    def stage(self, stage: Stage) -> Iterator[Planned]:
        """Yield the steps of a stage; those before it must have been planned."""
        self.uses[stage.name] = {stage.of_stage} if stage.of_stage else set()
        state, origin = self._start(stage)
        yield origin
        number, vertex = 1, 0 if stage.of_stage or stage.base == "scratch" else 1
        for step in stage.steps:
            parts = self._step(stage.name, step, state)
            if parts is None:
                if self.classic:  # there every instruction makes an image to stand on
                    kind, name, key = state.below
                    state.below = (kind, name, digest(key, step.word, step.rest, state.values))
                continue
            number, vertex = number + 1, vertex + 1
            made = Planned(
                stage.name, number, step.text, step.line, parts, tuple(self._inputs), vertex
            )
            self._stand_on(state, made, step)
            yield made
        self.states[stage.name] = state
        self.order.append(stage.name)

    def _start(self, stage: Stage) -> tuple[State, Planned]:
        if stage.of_stage:
            state = self.states[stage.of_stage].copy()
            if self.classic:
                state.args = {}
        elif stage.base == "scratch":
            state = State()
        else:
            base = self.bases.get(stage.base, Base(stage.base))
            state = State(
                below=("image", stage.base, base.chain), above=(f"{stage.name} 1",),
                env=dict(base.env), user=base.user, workdir=base.workdir or "/",
                contents=Contents(base.chain),
            )  # fmt: skip
        parts = Parts(json.dumps(["from"]), below=state.below)
        origin = stage.origin
        inputs = state.above if stage.of_stage else ()
        return state, Planned(stage.name, 1, origin.text, origin.line, parts, inputs)

    def _stand_on(self, state: State, made: Planned, step: Instruction) -> None:
        key = made.parts.key
        if made.parts.below[0] == "none":  # COPY --link: laid beside what is there, then merged
            state.below = ("step", made.id, digest("merge", state.below[2], key))
            state.above = (*state.above, made.id)
        else:
            state.below, state.above = ("step", made.id, key), (made.id,)
        if step.word == "RUN":
            command = f"{step.rest} {' '.join(h.content for h in step.heredocs)}"
            written = Written(made.id, key, None, command, state.workdir)
        else:
            written = Written(made.id, key, self._lands)
        state.contents.written.append(written)

    def _words(self, step: Instruction) -> list[str]:
        return words(step.rest, keep_quotes=True, escape=self.escape)

    def _value(self, word: str, state: State) -> str:
        return expand(word, state.values, self.escape)

    def _step(self, stage: str, step: Instruction, state: State) -> Parts | None:
        """Return the ingredients of a step; None for an instruction that changes no file."""
        self._inputs, self._lands = list(state.above), {}
        match step.word:
            case "RUN":
                return self._run(stage, step, state)
            case "COPY" | "ADD":
                return self._copy(stage, step, state)
            case "WORKDIR":
                target, above = self._value(step.rest, state), state.workdir
                state.workdir = clean(posixpath.join(above, target))
                if state.workdir == "/":
                    return None
                does = ["workdir", state.workdir]
                return self._parts(step, state, does, "" if target.startswith("/") else above)
            case "ENV":
                state.env |= dict(assignments(step.rest, state.values, self.escape))
            case "ARG":
                for word in self._words(step):
                    self._declare(word, state)
            case "USER":
                state.user = self._value(step.rest, state)
            case "SHELL":
                state.shell = tuple(step.exec_form or SHELL)
        return None

    def _declare(self, word: str, state: State) -> None:
        name, sign, default = word.partition("=")
        if name in self.given:
            state.args[name] = self.given[name]
        elif sign:
            state.args[name] = self._value(default, state)
        elif name in self.globals:
            state.args[name] = self.globals[name]

    def _parts(
        self, step: Instruction, state: State, does: list, folder: str = "", **more: object
    ) -> Parts:
        """Return the ingredients of a step; ``folder`` is the one that its path is relative to."""
        text = " ".join([step.text, *(h.content for h in step.heredocs if h.expands)])
        said = [n for n in state.values if re.search(rf"\$\{{?{re.escape(n)}(?!\w)", text)]
        arguments = {n: v for n, v in state.args.items() if n in said and n not in state.env}
        environment = {n: state.env[n] for n in said if n in state.env}
        environment |= {"@WORKDIR": folder} if folder else {}
        return Parts(
            json.dumps(does), tuple(sorted(arguments.items())), tuple(sorted(environment.items())),
            **{"below": state.below, **more},
        )  # fmt: skip

    def _run(self, stage: str, step: Instruction, state: State) -> Parts:
        mounts, files, content, taken = [], [], [], []
        for mount in step.all("mount"):
            given = dict(part.partition("=")[::2] for part in mount.split(","))
            given = {k.lower(): self._value(v, state) for k, v in given.items()}
            mounts.append(sorted(given.items()))
            kind = given.get("type", "bind")
            if kind not in ("bind", "cache"):
                continue  # what a secret, an SSH agent or a tmpfs holds is no part of the key
            source = given.get("source", given.get("src", "/"))
            if origin := given.get("from"):
                taken.append(self._taken(stage, origin, source))
            elif kind == "bind":
                found, key = self._context([source])
                files += found
                content.append(key)
        heredocs = [[h.name, h.content] for h in step.heredocs]
        command = step.exec_form or [*state.shell, step.rest]
        other = [[n, v] for n, v in step.flags if n != "mount"]
        hidden = PREDEFINED | state.env.keys()
        arguments = {k: v for k, v in state.args.items() if k not in hidden}
        seen = {**state.env, "@USER": state.user, "@WORKDIR": state.workdir}
        if not step.exec_form:
            seen["@SHELL"] = " ".join(state.shell)
        return Parts(
            json.dumps(["run", command, mounts, other, heredocs]),
            tuple(sorted(arguments.items())), tuple(sorted(seen.items())), state.below,
            tuple(files), digest(content) if content else "", tuple(taken),
        )  # fmt: skip

    def _copy(self, stage: str, step: Instruction, state: State) -> Parts:
        form = step.exec_form
        parts = form or [self._value(word, state) for word in self._words(step)]
        inline = {f"<<{h.name}": h for h in step.heredocs}
        sources, target = parts[:-1], parts[-1] if parts else "/"
        into = clean(posixpath.join(state.workdir, target))
        if (target.endswith("/") or target in (".", "..")) and into != "/":
            into += "/"
        written = [inline[s.replace("-", "")] for s in sources if s.replace("-", "") in inline]
        texts = [self._value(h.content, state) if h.expands else h.content for h in written]
        plain = [s for s in sources if s.replace("-", "") not in inline and "://" not in s]
        remote = [s for s in sources if "://" in s]
        folder = "" if target.startswith("/") else state.workdir
        flags = [[n, self._value(v, state)] for n, v in step.flags if n not in ("from", "link")]
        # the source's folder is no part of the key, only its last name: the content is
        names = [posixpath.basename(posixpath.normpath("/" + source)) for source in plain]
        does = [step.word.lower(), names, into, flags, texts, remote]
        linked = step.flag("link") not in (None, "false") and self.link and not self.classic
        below = ("none", "", "") if linked else state.below
        if linked:
            self._inputs = []
        if origin := step.flag("from"):
            taken = tuple(self._taken(stage, self._value(origin, state), p) for p in plain)
            self._lands = {into.rstrip("/") or "/": digest([one[2] for one in taken])}
            return self._parts(step, state, does, folder, below=below, stages=taken)
        files, key = self._context(plain)
        self._land(plain, into, texts)
        content = digest(key)
        return self._parts(
            step, state, does, folder, below=below, files=tuple(files), content=content
        )

    def _taken(self, stage: str, origin: str, path: str) -> tuple[str, str, str, str]:
        """Return what a step takes out of another stage, or out of an image."""
        name = origin.lower()
        if name.isdigit() and int(name) < len(self.order):
            name = self.order[int(name)]
        if name not in self.states:
            base = self.bases.get(origin)
            return origin, path, digest("image", base.chain if base else origin, path), ""
        self.uses[stage].add(name)
        state = self.states[name]
        marks, maker = state.contents.mark(path)
        self._inputs += [i for i in state.above if i not in self._inputs]
        return name, path, digest(marks), maker

    def _context(self, sources: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
        """Return ``(path, mark)`` of what sources take out of the context, and BuildKit's view."""
        found = {path: self._mark(path) for s in sources for path in self.snapshot.select(s)}
        return sorted(found.items()), [self.snapshot.key(source) for source in sources]

    def _mark(self, path: str) -> str:
        entry = self.snapshot.files[path]
        return f"{entry.kind} {0 if entry.kind == 'dir' else entry.mode:o} {entry.digest}"

    def _land(self, sources: list[str], into: str, texts: list[str]) -> None:
        """Note where files of the context come to lie, for whoever copies them on."""
        for number, content in enumerate(texts):
            self._lands[into.rstrip("/") or "/"] = digest(number, content)
        for source in sources:
            top = posixpath.normpath("/" + source).strip("/")
            for path in self.snapshot.select(source):
                inside = path.removeprefix(top).strip("/") if path.startswith(top) else path
                if not inside and self.snapshot.files[path].kind == "dir":
                    continue
                folder = into.endswith("/") or len(sources) > 1
                name = posixpath.basename(path) if folder else ""
                where = posixpath.join(into, inside or name).rstrip("/")
                self._lands[where] = self._mark(path)
