"""What stands in a Dockerfile: instructions, their flags and here-documents, and the stages.

Written after BuildKit's parser (https://github.com/moby/buildkit, frontend/dockerfile/parser) and
https://docs.docker.com/reference/dockerfile/. The one Python package around that parser has no
wheels for arm64, where learners would need a Go compiler.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .expansion import expand, words

__all__ = [
    "KNOWN",
    "Heredoc",
    "Instruction",
    "Stage",
    "base_images",
    "final_base",
    "global_arguments",
    "instructions",
    "stages",
]

KNOWN = frozenset(
    [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)
FLAGGED = {"ADD", "COPY", "RUN", "FROM", "HEALTHCHECK"}
WITH_HEREDOCS = {"ADD", "COPY", "RUN"}


@dataclass(frozen=True)
class Heredoc:
    """A here-document: its name, its content, and whether variables in it are replaced."""

    name: str
    content: str
    expands: bool


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Fields
    ------
    line: the line it starts on, from 1.
    text: for display: its lines joined, each stripped.
    word: ``RUN``, in capitals; ``""`` for nothing.
    flags: ``--name=value`` in order; a flag without a value has ``""``.
    rest: what follows word and flags, as the builder reads it (blanks inside are kept).
    heredocs: the here-documents below the line.
    """

    line: int
    text: str
    word: str = ""
    flags: tuple[tuple[str, str], ...] = ()
    rest: str = ""
    heredocs: tuple[Heredoc, ...] = ()

    def flag(self, name: str, otherwise: str | None = None) -> str | None:
        """Return the value of a flag, the last one if it stands there twice."""
        return dict(self.flags).get(name, otherwise)

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a flag that may stand there several times."""
        return tuple(value for key, value in self.flags if key == name)

    @property
    def exec_form(self) -> list[str] | None:
        """The words of the JSON form, ``RUN ["a", "b"]``; None for the shell form."""
        if not self.rest.startswith("["):
            return None
        try:
            found = json.loads(self.rest)
        except ValueError:
            return None
        return found if all(isinstance(word, str) for word in found) else None


@dataclass(frozen=True)
class Stage:
    """One stage: from a FROM to the next.

    Fields
    ------
    name: as given with AS, in lower case; else ``stage-0``, ``stage-1``, …
    base: what stands behind FROM, variables replaced.
    of_stage: the stage that it continues, None if ``base`` is an image or ``scratch``.
    steps: the instructions below FROM.
    """

    index: int
    name: str
    base: str
    origin: Instruction
    of_stage: str | None = None
    steps: tuple[Instruction, ...] = field(default=())


def escape_of(dockerfile: str) -> str:
    """Return the escape character: a backslash unless a directive at the top says otherwise."""
    found = re.match(r"(?:#[^\n]*\n)*?#\s*escape\s*=\s*([\\`])", dockerfile, re.IGNORECASE)
    return found[1] if found else "\\"


def instructions(dockerfile: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile, comments left out; any text can be read."""
    escape = escape_of(dockerfile)
    more = re.compile(rf"(?:(?<=[^{re.escape(escape)}])|^){re.escape(escape)}[ \t]*$")
    lines = dockerfile.removeprefix("\ufeff").split("\n")
    lines = [line.removesuffix("\r") for line in lines]
    found: list[Instruction] = []
    at = 0
    while at < len(lines):
        start = at
        line = lines[at].lstrip()
        at += 1
        if not line or line.startswith("#"):
            continue
        shown = [more.sub("", line).strip()]
        joined = more.sub("", line)
        open_ = joined != line
        while open_ and at < len(lines):
            line = lines[at]
            at += 1
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            part = more.sub("", line)
            open_ = part != line
            joined += part
            shown.append(part.strip())
        if not joined.strip():
            continue
        word, _, rest = _parted(joined)
        word = word.upper()
        heredocs = []
        if word in WITH_HEREDOCS:
            for name, chomp, expands in _heredocs(rest):
                body, at = _body(lines, at, name, chomp)
                heredocs.append(Heredoc(name, body, expands))
        flags, rest = _flags(rest) if word in FLAGGED else ((), rest.strip())
        text = " ".join(part for part in shown if part)
        found.append(Instruction(start + 1, text, word, flags, rest, tuple(heredocs)))
    return found


def _parted(joined: str) -> tuple[str, str, str]:
    parts = joined.strip().split(None, 1)
    return parts[0], " ", parts[1] if len(parts) > 1 else ""


def _heredocs(rest: str) -> Iterator[tuple[str, bool, bool]]:
    for word in words(rest, keep_quotes=True):
        if match := re.fullmatch(r"\d*<<(-?)([\"']?)([A-Za-z_][\w.-]*)\2(?:>.*)?", word):
            yield match[3], bool(match[1]), not match[2]


def _body(lines: list[str], at: int, name: str, chomp: bool) -> tuple[str, int]:
    body, start = [], at
    while at < len(lines):
        line = lines[at].lstrip("\t") if chomp else lines[at]
        at += 1
        if line == name:
            return "".join(f"{one}\n" for one in body), at
        body.append(line)
    return "", start  # it never ends: the builder will say so


def _flags(rest: str) -> tuple[tuple[tuple[str, str], ...], str]:
    found = []
    rest = rest.strip()
    while match := re.match(r"--([\w-]+)(?:=((?:\"[^\"]*\"|'[^']*'|[^\s\"'])*))?(?:\s+|$)", rest):
        found.append((match[1], (match[2] or "").replace('"', "").replace("'", "")))
        rest = rest[match.end() :]
    return tuple(found), rest


def global_arguments(dockerfile: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the values of the ARGs above the first FROM, those that are ``given`` replaced."""
    found: dict[str, str] = {}
    for step in instructions(dockerfile):
        if step.word == "FROM":
            break
        if step.word == "ARG":
            for word in words(step.rest, keep_quotes=True):
                key, _, value = word.partition("=")
                found[key] = (given or {}).get(key, expand(value, found))
    return found


def stages(dockerfile: str, given: Mapping[str, str] | None = None) -> list[Stage]:
    """Return the stages of a Dockerfile in order.

    Parameters
    ----------
    given: values of build arguments (``--build-arg``).
    """
    arguments = global_arguments(dockerfile, given)
    found: list[tuple[Instruction, list[Instruction]]] = []
    for step in instructions(dockerfile):
        if step.word == "FROM":
            found.append((step, []))
        elif found:
            found[-1][1].append(step)
    made: list[Stage] = []
    for index, (origin, steps) in enumerate(found):
        parts = origin.rest.split()
        base = expand(parts[0], arguments) if parts else ""
        named = len(parts) > 2 and parts[1].upper() == "AS"
        name = parts[2].lower() if named else f"stage-{index}"
        earlier = [stage.name for stage in made]
        of_stage = base.lower() if base.lower() in earlier else None
        made.append(Stage(index, name, base, origin, of_stage, tuple(steps)))
    return made


def base_images(dockerfile: str, given: Mapping[str, str] | None = None) -> list[str]:
    """Return the images that the build needs, each once; no ``scratch``, no own stages.

    Those of ``COPY --from=`` and ``RUN --mount=from=`` are among them.
    """
    found: dict[str, None] = {}
    known: set[str] = set()
    for stage in stages(dockerfile, given):
        if stage.of_stage is None and stage.base not in ("scratch", ""):
            found[stage.base] = None
        known |= {stage.name, str(stage.index)}
        for step in stage.steps:
            for name in sources(step):
                if name and name.lower() not in known:
                    found[name] = None
    return list(found)


def sources(step: Instruction) -> list[str]:
    """Return the stages or images out of which an instruction copies or mounts."""
    found = [step.flag("from")] if step.word in ("COPY", "ADD") else []
    for mount in step.all("mount") if step.word == "RUN" else ():
        found.append(dict(part.partition("=")[::2] for part in mount.split(",")).get("from"))
    return [name for name in found if name]


def final_base(
    dockerfile: str, given: Mapping[str, str] | None = None, target: str | None = None
) -> str | None:
    """Return the image that the wanted stage stands on in the end; ``None`` for ``scratch``.

    Parameters
    ----------
    target: the stage that is wanted, by name or number; default: the last.
    """
    known: dict[str, str] = {}
    last = "scratch"
    for stage in stages(dockerfile, given):
        last = known[stage.of_stage] if stage.of_stage else stage.base
        known[stage.name] = last
        if target and target.lower() in (stage.name, str(stage.index)):
            break
    return None if last in ("scratch", "") else last
