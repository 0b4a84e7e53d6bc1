"""A compiler in the final image: build in one stage, copy the program into another."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from ...images.model import Image
from ...images.tree import merged
from ..dockerfile import Instruction, Stage
from ..rewriting import Rewriting
from .commands import simple_commands
from .draft import Draft
from .sight import Sight

__all__ = ["commanded", "find", "possible"]

COMPILERS = re.compile(
    r"(?:.*/)?(gcc|golang|rust|maven|gradle|buildpack-deps|clang|haskell|swift)(?:[:@].*)?"
)
TOOLS = re.compile(
    r"\b(apt(-get)?|apk|dnf|yum)\b.*\b(install|add)\b[^\n]*"
    r"(?<![\w-])(gcc|g\+\+|build-essential|build-base|make|golang(-go)?|rustc|cargo|clang|cmake)\b"
)
COMPILING = {"gcc", "g++", "cc", "c++", "clang", "go", "rustc", "cargo", "make", "cmake"}
# Files that a program compiled from them does not read when it runs.
SOURCES = re.compile(
    r"(.*/)?(.*\.(c|h|cc|cpp|cxx|hh|hpp|hxx|go|rs|s|S|md|mk|cmake|o|a)|[Mm]akefile|CMakeLists\.txt"
    r"|go\.(mod|sum)|Cargo\.(toml|lock)|LICENSE.*|README.*|Dockerfile.*|\.dockerignore|\.gitignore)"
)
# What compilers leave beside the program.
REMAINS = re.compile(
    r"(root/\.cache|go/pkg|root/go|usr/local/cargo|var/(cache|log|lib/(apt|dpkg))|tmp)/.*"
    r"|.*\.(o|d|a)|(.*/)?(target|build|CMakeFiles|__pycache__)/.*"
)
CONFIG = {
    "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "MAINTAINER", "STOPSIGNAL",
    "USER", "WORKDIR",
}  # fmt: skip


def possible(sight: Sight) -> bool:
    """Whether a look at the image is worth while: its last stage compiles something."""
    if len(sight.lineage) != 1 or sight.lineage[0] is not sight.stages[-1]:
        return False
    (stage,) = sight.lineage
    tools = COMPILERS.fullmatch(stage.base) or TOOLS.search(_all(stage))
    return bool(tools) and any(step.word == "RUN" and _compiles(step) for step in stage.steps)


def find(sight: Sight, image: Image, below: Callable[[str], str | None]) -> Iterator[Draft]:
    """Yield a suggestion if the final image carries a compiler and one program is all it needs.

    Parameters
    ----------
    image: the image as it is built now.
    below: returns the name of an image on which another one stands, None if there is none here.
    """
    if not possible(sight):
        return
    (stage,) = sight.lineage
    runs = [n for n, step in enumerate(stage.steps) if step.word == "RUN"]
    compiling = [n for n in runs if _compiles(stage.steps[n])]
    installing = [n for n in runs if TOOLS.search(stage.steps[n].rest)]
    last = runs[-1]
    program = commanded(image)
    if not program or not _alone(sight, stage, image, program, last, installing):
        return
    static = "-static" in stage.steps[compiling[-1]].text or "CGO_ENABLED=0" in _all(stage)
    if COMPILERS.fullmatch(stage.base):
        line = stage.origin.line
        base = "scratch" if static and _needs_no_shell(image) else below(stage.base)
    elif installing:
        line, base = stage.steps[installing[0]].line, stage.base
    else:
        return
    if base and (text := _rewritten(sight, stage, last, f"/{program}", base)):
        values = {"line": line, "program": f"/{program}", "base": base}
        yield Draft(
            "stages", line, ("stages.scratch" if base == "scratch" else "stages.base",), values,
            {sight.asked.file: text}, may_go=lambda path: path != program, runs=True,
        )  # fmt: skip


def commanded(image: Image) -> str:
    """Return the path in the image of the program that a container starts; ``""`` if unknown."""
    words: Sequence[str] = image.config.entrypoint or image.config.cmd
    if list(words[:2]) == ["/bin/sh", "-c"] and len(words) == 3:
        lists = simple_commands(words[2])
        words = lists[0] if lists and len(lists) == 1 else ()
        words = words[1:] if words[:1] == ["exec"] else words
    if not words:
        return ""
    tree = merged(image)
    name = words[0]
    if "/" in name:
        places = [posixpath.join(image.config.workdir or "/", name)]
    else:
        path = next((pair[5:] for pair in image.config.env if pair.startswith("PATH=")), "")
        places = [f"{folder}/{name}" for folder in path.split(":") if folder]
    for place in places:
        path = posixpath.normpath(place).strip("/")
        node = tree.find(path)
        if node is not None and not node.is_dir:
            return path
    return ""


def _compiles(step: Instruction) -> bool:
    lists = simple_commands(step.rest)
    return any(posixpath.basename(words[0]) in COMPILING for words in lists or ())


def _all(stage: Stage) -> str:
    return "\n".join(step.text for step in stage.steps)


def _needs_no_shell(image: Image) -> bool:
    words = image.config.entrypoint or image.config.cmd
    return bool(words) and words[0] != "/bin/sh" and not image.config.user


def _alone(
    sight: Sight, stage: Stage, image: Image, program: str, last: int, installing: list[int]
) -> bool:
    """Whether the steps down to the last RUN made nothing else that the program may need."""
    above, under = stage.steps[: last + 1], stage.steps[last + 1 :]
    if any("$" in step.text for step in under):
        return False  # a variable of the part above
    if any(step.word == "HEALTHCHECK" for step in stage.steps):
        return False  # it runs a program of the image, too
    if any(_compiles(stage.steps[n]) for n in installing):
        return False  # what it compiled cannot be told from what it installed
    for step in above:
        if step.word in ("ADD", "VOLUME", "ONBUILD", "SHELL", "USER") or step.flag("from"):
            return False
        if step.word in CONFIG and "$" in step.text:
            return False
        if step.word == "COPY":
            taken = [path for path, by in sight.copied.items() if any(s is step for _, s in by)]
            if not taken or not all(SOURCES.fullmatch(path) for path in taken):
                return False
    known = {stage.steps[n].line for n in installing}
    steps = [one for one in sight.plan.steps if one.stage == stage.name and one.number > 1]
    own = image.layers[-len(steps) :] if 0 < len(steps) < len(image.layers) else ()
    made = False
    for planned, layer in zip(steps, own, strict=False):
        said = layer.step.instruction.split(None, 1) if layer.step else []
        if not said or said[0].upper() != planned.instruction.split(None, 1)[0].upper():
            return False  # the layers are not those of the steps, one by one
        if not planned.instruction.upper().startswith("RUN"):
            continue
        for entry in layer.entries:
            if entry.path == program:
                made = planned.line <= above[-1].line
            elif entry.kind in ("dir", "whiteout", "opaque") or REMAINS.fullmatch(entry.path):
                continue
            elif planned.line <= above[-1].line and planned.line not in known:
                return False
    return made


def _rewritten(sight: Sight, stage: Stage, last: int, program: str, base: str) -> str | None:
    rewriting = Rewriting(sight.dockerfile)
    origin = stage.origin
    parts = origin.rest.split()
    if origin.flags or (len(parts) not in (1, 3)):
        return None
    name = parts[2] if len(parts) == 3 else _free({one.name for one in sight.stages})
    if len(parts) == 1:
        raw = rewriting.raw(origin.line)
        text = raw.rstrip("\r\n \t")
        rewriting.replace(
            origin.line, f"{text} AS {name}{raw[len(raw.rstrip(chr(13) + chr(10))) :]}"
        )
    end = rewriting.end
    if shlex.quote(program) != program:
        return None
    lines = ["", f"FROM {base}", f"COPY --from={name} {program} {program}"]
    # Below the COPY: BuildKit makes a WORKDIR that stands on nothing anew in each build.
    for step in stage.steps[: last + 1]:
        if step.word in CONFIG:
            lines.append(rewriting.raw(step.line).rstrip("\r\n"))
    rewriting.insert_below(stage.steps[last].line, end.join(lines))
    return str(rewriting)


def _free(taken: set[str]) -> str:
    return next(name for name in ("build", "compile", "builder", "made") if name not in taken)
