"""The edit after which a rebuild is measured: made in a copy of the context, and taken back.

The same edit is made in the copy with the change and in the copy without it. A mark is added that
no build has seen: otherwise the second measurement would find the first one's steps in the cache.
"""

from __future__ import annotations

import os
import posixpath
import secrets
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .dockerfile import instructions
from .predict import Edit
from .suggestions import Change, Sight
from .suggestions.litter import is_litter
from .suggestions.variables import with_value

__all__ = ["Applied", "apply", "choose", "mark"]

MANIFESTS = {
    "requirements.txt", "constraints.txt", "pyproject.toml", "setup.py", "setup.cfg", "Pipfile",
    "Pipfile.lock", "poetry.lock", "uv.lock", "package.json", "package-lock.json", "yarn.lock",
    "pnpm-lock.yaml", "npm-shrinkwrap.json", "go.mod", "go.sum", "Gemfile", "Gemfile.lock",
    "composer.json", "composer.lock", "Cargo.toml", "Cargo.lock", "pom.xml", "build.gradle",
    "Makefile", "CMakeLists.txt", ".dockerignore", ".gitignore",
}  # fmt: skip
COMMENTS = {
    "#": "py sh bash rb yml yaml r pl toml conf", "//": "js mjs cjs ts jsx tsx go c h cc cpp hpp "
    "java rs kt swift scala cs", "--": "sql lua hs", "/*": "css", "<!--": "html htm xml svg md",
}  # fmt: skip
ENDS = {"/*": " */", "<!--": " -->"}
BY_SUFFIX = {f".{one}": sign for sign, many in COMMENTS.items() for one in many.split()}


@dataclass
class Applied:
    """What was done to a folder, and the build arguments to build it with."""

    args: dict[str, str] = field(default_factory=dict)
    before: dict[Path, tuple[bytes | None, int]] = field(default_factory=dict)

    def undo(self) -> None:
        """Bring the files back."""
        for path, (data, mode) in self.before.items():
            if data is None:
                path.unlink(missing_ok=True)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
                path.chmod(mode)


def mark() -> str:
    """Return a word that no build has seen; all are of one length, so that sizes stay equal."""
    return secrets.token_hex(4)


def choose(sight: Sight, among: Sequence[str] = ()) -> Change:
    """Return the usual edit: one more line, a comment if possible, in a source file.

    A file that the image starts comes first, then one whose language has comments, then any text.
    A manifest is none: its edit is to run the installation again.

    Parameters
    ----------
    among: the files that may be edited; empty: all that steps copy.
    """
    last = [s for s in instructions(sight.dockerfile) if s.word in ("CMD", "ENTRYPOINT")]
    started = " ".join(step.rest for step in last)
    found = []
    for path in sorted(among or sight.copied):
        name = posixpath.basename(path)
        if name in MANIFESTS or path == sight.asked.file or name.startswith((".", "Dockerfile")):
            continue
        text = sight.text(path)
        if text is None or is_litter(path, sight):
            continue
        found.append((name not in started, not _sign(path, text), path))
    if not found:
        return Change()
    path = min(found)[2]
    return Change(path, (Edit(path, content=sight.text(path)),))


def _sign(path: str, text: str) -> str:
    """Return how a comment begins in a file; ``""`` if that is not known."""
    if text.startswith("#!"):
        return "#"
    return BY_SUFFIX.get(posixpath.splitext(path)[1].lower(), "")


def marked(path: str, content: str | bytes, word: str) -> str | bytes:
    """Return the content with one more line that holds the mark, harmless where that is possible.

    Plain text gets the word; what has no comments, or may mind a word, gets blanks that spell it.
    """
    if isinstance(content, bytes):
        try:
            text = content.decode()
        except UnicodeDecodeError:
            return content
        if "\0" in text:
            return content
        return marked(path, text, word)
    start = content if not content or content.endswith("\n") else f"{content}\n"
    if sign := _sign(path, content):
        return f"{start}{sign} edited {word}{ENDS.get(sign, '')}\n"
    if posixpath.splitext(path)[1].lower() in (".txt", ""):
        return f"{start}edited {word}\n"
    return start + "".join("\t "[int(bit)] for bit in f"{int(word, 16):032b}") + "\n"


def apply(sight: Sight, folder: Path, change: Change, args: dict[str, str], word: str) -> Applied:
    """Make a change in a copy of the context.

    Parameters
    ----------
    args: the build arguments as they are.
    word: the mark, from `mark`.
    """
    done = Applied(dict(args))
    for edit in change.edits:
        path = folder / edit.path
        _keep(done, path)
        if edit.remove:
            path.unlink(missing_ok=True)
            continue
        if edit.content is not None:
            content = marked(edit.path, edit.content, word)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        if edit.mode is not None:
            path.chmod(edit.mode)
    for name in change.args:
        done.args[name] = f"{args.get(name) or '0'}-{word}"
    if change.env:
        path = folder / sight.asked.file
        _keep(done, path)
        text = path.read_bytes().decode(errors="surrogateescape")
        text = with_value(text, 0, change.env, f"-{word}") or text
        path.write_bytes(text.encode(errors="surrogateescape"))
    return done


def salted(change: Change, usual: Change) -> Iterable[str]:
    """Return files to mark in both states, for an edit that cannot carry a mark itself."""
    for edit in change.edits:
        if edit.content is None and not edit.remove:
            yield edit.path
        elif edit.remove:
            yield from (one.path for one in usual.edits if one.path != edit.path)


def _keep(done: Applied, path: Path) -> None:
    if path in done.before:
        return
    try:
        done.before[path] = (path.read_bytes(), stat.S_IMODE(os.lstat(path).st_mode))
    except OSError:
        done.before[path] = (None, 0)
