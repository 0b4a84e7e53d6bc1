"""ARG and ENV that change with every version, above steps that do not use them: move them down."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..dockerfile import Instruction, Stage
from ..expansion import words
from ..rewriting import Rewriting
from .draft import Change, Draft
from .order import needs_of
from .sight import Sight

__all__ = ["find", "with_value"]

# Names of what is another one in each build: a version, a commit, a date.
OFTEN = re.compile(
    r"(.+_)?(VERSION|REVISION|COMMIT|COMMIT_SHA|SHA|DATE|TIME|TIMESTAMP|BUILD_(ID|NUMBER|NO|TAG))"
    r"|(BUILD|GIT|VCS|CI)_(.+)|RELEASE|BUILD"
)
# Versions of what is installed: they do not change with the program.
SELDOM = re.compile(r"(PYTHON|NODE|GO|GOLANG|RUBY|JAVA|PHP|RUST|DEBIAN|ALPINE|UBUNTU|NPM|PIP)_.*")


def find(sight: Sight) -> Iterator[Draft]:
    """Yield a suggestion for each such variable."""
    for stage in sight.needed:
        for number, step in enumerate(stage.steps):
            if step.word in ("ARG", "ENV") and (name := _often(step)):
                yield from _move(sight, stage, number, name)


def _often(step: Instruction) -> str:
    """Return the one variable that the instruction sets, if it is one that changes often."""
    parts = words(step.rest, keep_quotes=True)
    name = parts[0].partition("=")[0] if len(parts) == 1 else ""
    return name if OFTEN.fullmatch(name) and not SELDOM.fullmatch(name) else ""


def _move(sight: Sight, stage: Stage, number: int, name: str) -> Iterator[Draft]:
    step = stage.steps[number]
    if step.word == "ENV" and "$" in step.text:
        return  # it hangs on an ARG: that would have to go along
    end = _first_use(sight, stage, number, name)
    passed = stage.steps[number + 1 : end]
    if not any(each.word == "RUN" for each in passed):
        return
    rewriting = Rewriting(sight.dockerfile)
    if end < len(stage.steps):
        key, use = f"order.variable_{step.word.lower()}", stage.steps[end].line
        rewriting.move_above(step.line, use)
    else:
        last = [each for each in passed if each.word in ("RUN", "COPY", "ADD", "WORKDIR")][-1]
        key, use = "order.variable_unused", last.line
        rewriting.move_below(step.line, use)
    change = Change(name, args=(name,)) if step.word == "ARG" else Change(name, env=name)
    if change.env and with_value(sight.dockerfile, step.line, name, "1") is None:
        return
    values = {"name": name, "line": step.line, "use": use}
    files = {sight.asked.file: str(rewriting)}
    yield Draft("order", step.line, (key,), values, files, change=change)


def _first_use(sight: Sight, stage: Stage, number: int, name: str) -> int:
    """Return the place of the first instruction that may use the variable, or the number of all."""
    pattern = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])")
    unseen = any(
        (text := sight.text(path)) is not None and pattern.search(text) for path in sight.copied
    )
    for place in range(number + 1, len(stage.steps)):
        step = stage.steps[place]
        if step.word in ("SHELL", "ONBUILD", "USER"):
            return place
        if pattern.search(step.text) or any(pattern.search(h.content) for h in step.heredocs):
            return place
        if step.word == "RUN" and unseen and needs_of(sight, stage, place) is None:
            return place  # it may run something of the context that reads the variable
    return len(stage.steps)


def with_value(dockerfile: str, line: int, name: str, mark: str) -> str | None:
    """Return the Dockerfile with ``mark`` at the end of an ENV's value; None if that is not plain.

    Parameters
    ----------
    line: of the instruction; 0 for wherever the one ENV stands that sets the variable.
    """
    pattern = re.compile(
        rf"^([ \t]*ENV[ \t]+{re.escape(name)}=[\w.:+-]+)(?=[ \t]*\r?$)", re.M | re.I
    )
    found = list(pattern.finditer(dockerfile))
    if len(found) != 1 or (line and dockerfile[: found[0].start()].count("\n") + 1 != line):
        return None
    return pattern.sub(lambda match: f"{match[1]}{mark}", dockerfile)
