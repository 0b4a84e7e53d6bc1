"""Files that stay in a layer in vain: removed too late, or left by an installer."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from ...images import waste
from ...images.model import Image
from ..dockerfile import Instruction, Stage
from ..expansion import words
from ..rewriting import Rewriting
from .commands import simple_commands
from .draft import Draft
from .installers import CACHES
from .sight import Sight, related

__all__ = ["find"]

OPTIONS = {"apk": (r"\bapk\s+add\b", "--no-cache"), "pip": (CACHES["pip"][1], "--no-cache-dir")}
# They change no file, and a RUN with absolute paths does not depend on them.
QUIET = {"ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL"}
# … and these do not matter to a RUN either.
STILL = QUIET - {"ARG", "ENV"}
LASTING = re.compile(r"(^|[\s;&|(])(cd|pushd|export|set|trap|exec|umask)\s")


def find(sight: Sight) -> Iterator[Draft]:
    """Yield a suggestion for each RUN of the image's own stages that leaves something behind."""
    for stage in sight.lineage:
        if sight.planned(stage.origin) is None:
            return
        joined = set()
        for number, step in enumerate(stage.steps):
            if _plain(step) and (draft := _too_late(sight, stage, number)):
                made = range(int(str(draft.values["made"])), step.line + 1)
                joined |= {each.line for each in stage.steps if each.line in made}
                yield draft
        for number, step in enumerate(stage.steps):
            if _plain(step) and step.line not in joined:
                yield from _left(sight, stage, number)


def _plain(step: Instruction) -> bool:
    return step.word == "RUN" and step.exec_form is None and not step.heredocs


def _too_late(sight: Sight, stage: Stage, number: int) -> Draft | None:
    """A RUN that removes what RUNs above it made and used: join it with those."""
    step = stage.steps[number]
    if step.flags or not (removed := _removed(step)):
        return None
    chain = [number]
    for above in range(number - 1, -1, -1):
        other = stage.steps[above]
        if _plain(other) and _may_have_made(other, removed):
            chain.insert(0, above)
        elif len(chain) > 1 and other.word not in STILL:
            break  # what uses the files can go up to where they are made, but past nothing
        elif not _passes(sight, other, removed):
            break
    return _joined(sight, stage, chain, removed) if len(chain) > 1 else None


def _removed(step: Instruction) -> list[str]:
    """Return the absolute paths that a RUN removes; nothing if it does anything else."""
    found: list[str] = []
    for command in simple_commands(step.rest) or [[""]]:
        if command[0] != "rm":
            return []
        found += [word for word in command[1:] if not word.startswith("-")]
    return found if all(re.match(r"/[\w.-]", path) and "$" not in path for path in found) else []


def _stem(path: str) -> str:
    """Return the path, or the folder in which its pattern matches."""
    stem = re.split(r"[*?\[{]", path)[0]
    return posixpath.normpath(stem if stem == path else posixpath.dirname(stem) or "/")


def _may_have_made(maker: Instruction, removed: list[str]) -> bool:
    caches = [f"/{folder}" for folder, said, _ in CACHES.values() if re.search(said, maker.rest)]
    named = re.findall(r"/[\w./+-]+", maker.rest)
    return any(
        related(_stem(path), posixpath.normpath(each))
        for path in removed
        for each in (*caches, *named)
        if each.count("/") > 1 or each == _stem(path)
    )


def _passes(sight: Sight, step: Instruction, removed: list[str]) -> bool:
    """Whether the removal can be done above a step without a difference in the end."""
    if step.word in QUIET:
        return True
    if step.word == "WORKDIR":
        return not any(related(_stem(path), step.rest) for path in removed) and "$" not in step.rest
    if step.word == "COPY":
        target = words(step.rest)[-1]
        if "$" in step.text or not step.flag("from"):
            landing = sight.landing(step)
            files = landing.files if landing else None
        else:
            files = [target] if target.startswith("/") else None
        return files is not None and not any(
            related(_stem(path), file) for path in removed for file in files
        )
    return False  # another RUN may still use the files


def _joined(sight: Sight, stage: Stage, chain: list[int], removed: list[str]) -> Draft | None:
    first, *others = [stage.steps[n] for n in chain]
    between = stage.steps[chain[0] : chain[-1]]
    if any(_last_comment(stage.steps[n]) for n in chain[:-1]) or any(
        each.word in ("USER", "SHELL") for each in between
    ):
        return None
    if any(step.flags for step in (first, *others)) and len(chain) > 2:
        return None
    if any(LASTING.search(step.rest) for step in (first, *others)[:-2]):
        return None  # the next command would run in another folder, or with other settings
    rewriting = Rewriting(sight.dockerfile)
    for step in others:
        rewriting.join(first.line, step.line)
    step = others[-1]
    stems = [_stem(path).strip("/") for path in removed]
    values = {"line": step.line, "made": first.line, "paths": tuple(removed)}

    def hidden(image: Image) -> bool:
        return any(
            item.deleted and related(f"/{item.path}", f"/{stem}")
            for item in waste(image).items
            for stem in stems
        )

    return Draft(
        "clean-up", step.line, ("clean_up.later",), values, {sight.asked.file: str(rewriting)},
        evidence=hidden,
        may_go=lambda path: any(related(f"/{path}", f"/{stem}") for stem in stems),
    )  # fmt: skip


def _last_comment(step: Instruction) -> bool:
    """Whether the command ends in a comment of the shell, or goes on in the background."""
    return re.search(r"(^|\s)#[^\n]*$|&\s*$", step.rest) is not None


def _left(sight: Sight, stage: Stage, number: int) -> Iterator[Draft]:
    """A RUN that leaves what its package manager keeps for the next installation."""
    step = stage.steps[number]
    if _last_comment(step):
        return
    mounts = " ".join(step.all("mount"))
    rewriting = Rewriting(sight.dockerfile)
    folders, told = [], []
    for name, (folder, said, after) in CACHES.items():
        if not re.search(said, step.rest) or folder in step.rest or folder in mounts:
            continue
        if name in OPTIONS:
            pattern, option = OPTIONS[name]
            if re.search(rf"{option}\b", step.rest) or "type=cache" in mounts:
                continue
            raw = rewriting.raw(step.line)
            rewriting.replace(step.line, re.sub(pattern, lambda m, o=option: f"{m[0]} {o}", raw))
            told.append(option)
        else:
            if after.split(" /")[0] in step.rest and "clean" in after:
                continue
            if name == "apt" and _lists_needed(sight, stage, number):
                continue
            rewriting.extend(step.line, after)
            told.append(after)
        folders.append(folder)
    if not folders:
        return
    values = {
        "line": step.line, "paths": tuple(f"/{folder}" for folder in folders), "how": tuple(told),
    }  # fmt: skip

    def there(image: Image) -> bool:
        return any(_holds(image, folder) for folder in folders)

    yield Draft(
        "clean-up", step.line, ("clean_up.left",), values, {sight.asked.file: str(rewriting)},
        evidence=there,
        may_go=lambda path: any(related(f"/{path}", f"/{folder}") for folder in folders),
    )  # fmt: skip


def _holds(image: Image, folder: str) -> bool:
    return any(
        entry.size and entry.path.startswith(f"{folder}/")
        for layer in image.layers
        for entry in layer.entries
    )


def _lists_needed(sight: Sight, stage: Stage, number: int) -> bool:
    """Whether a later RUN installs with the package lists that this one fetched."""
    later = list(stage.steps[number + 1 :])
    for other in sight.stages:
        if other.of_stage == stage.name:
            later += other.steps
    for step in later:
        text = step.text + "".join(each.content for each in step.heredocs)
        match = re.search(r"\bapt(-get)?\s.*?\binstall\b", text) if step.word == "RUN" else None
        if match and "update" not in text[: match.end()]:
            return True
    return False
