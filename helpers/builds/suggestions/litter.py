"""What a COPY takes along and no program needs: entries that a .dockerignore lacks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from ...contexts.globs import clean, wild
from ...errors import BuildFailed
from ..dockerfile import Instruction
from .draft import Draft
from .sight import Sight

__all__ = ["find", "is_litter"]

# Folders, wherever they lie.
FOLDERS = {
    ".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", "venv", ".tox", ".nox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".idea", ".vscode", ".ipynb_checkpoints",
}  # fmt: skip
FILES = ("*.pyc", "*.log", ".DS_Store", "Thumbs.db", "*.swp", "*~")
SECRETS = (
    ".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa", "id_dsa", "id_ecdsa",
    "id_ed25519", ".netrc", ".pgpass", ".htpasswd",
)  # fmt: skip
SECRET_FOLDERS = {".aws", ".ssh", ".gnupg"}
EXAMPLES = re.compile(r"\.env\.(example|sample|template|dist)|.*\.pub", re.IGNORECASE)
# Folders that are made for the machine they lie on, and what makes them anew in an image.
MADE_BY = {
    "node_modules": r"\b(npm|yarn|pnpm)\b",
    "venv": r"\b(pip|uv|poetry)\b|^(?!.*\bvenv\b)",
    ".venv": r"\b(pip|uv|poetry)\b|^(?!.*\bvenv\b)",
}
# What uses such a file without naming it.
HINTS = {
    ".git": r"\bgit\b.*\b(describe|rev-parse|log|install)\b|\binstall\b.*\bgit\b|setuptools_scm",
    ".env": r"dotenv|decouple|environ\.Env",
}


def find(sight: Sight) -> Iterator[Draft]:
    """Yield at most one suggestion: everything that is to be left out, secrets named apart."""
    litter, secrets = _groups(sight)
    if not litter and not secrets:
        return
    ignore = sight.snapshot.ignore
    name = ignore.file or ".dockerignore"
    before = _read(sight.asked.folder / name)
    patterns = [*litter, *secrets]
    if not before and _takes_all(sight):
        patterns.append(name)  # it would be copied itself
    end = "\r\n" if "\r\n" in before else "\n"
    start = before if not before or before.endswith("\n") else before + end
    text = start + "".join(f"{pattern}{end}" for pattern in patterns)
    gone = {path for group in (litter, secrets) for paths in group.values() for path in paths}
    if not _leaves_out(sight, name, text, gone | {name}):
        return
    said = (*(("ignore.litter",) if litter else ()), *(("ignore.secrets",) if secrets else ()))
    line = min(step.line for path in gone for _, step in sight.copied[path])
    values = {
        "line": line, "file": name, "litter": tuple(litter), "secrets": tuple(secrets),
    }  # fmt: skip
    among = tuple(path for path in sight.copied if path not in gone)
    ends = {end for path in (*gone, name) for end in _ends(path)}
    yield Draft(
        "ignore", line, said, values, {name: text}, among,
        may_go=lambda path: any(f"/{path}".endswith(f"/{end}") for end in ends), runs=True,
    )  # fmt: skip


def is_litter(path: str, sight: Sight) -> bool:
    """Whether a file looks like one that is no part of a program, wherever it is used."""
    return _what(path, sight) is not None


def _groups(sight: Sight) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the patterns to add, and what each leaves out: litter, then secrets."""
    found: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    everything = set(sight.copied)
    kept = [p.text for p in sight.snapshot.ignore.patterns if p.exception]
    for path in sight.copied:
        if (told := _what(path, sight)) is None:
            continue
        top, secret = told
        if not _by_folder(sight, path, top) or _excepted(path, kept):
            continue
        found[secret].setdefault(_pattern(top), set()).add(path)
    for group in found:
        for pattern in [p for p in group if f"**/{p}" in group]:
            group[f"**/{pattern}"] |= group.pop(pattern)  # it matches at the top as well
        for pattern, paths in list(group.items()):
            names = {posixpath.basename(_top(path, pattern)) for path in paths}
            if any(_used(sight, name, everything & paths) for name in names):
                del group[pattern]
    return found


def _what(path: str, sight: Sight) -> tuple[str, bool] | None:
    """Return the folder or file to leave out for the sake of a path, and whether it is secret."""
    parts = path.split("/")
    for depth, part in enumerate(parts[:-1], 1):
        if part in FOLDERS or part in SECRET_FOLDERS:
            return "/".join(parts[:depth]), part in SECRET_FOLDERS
    if EXAMPLES.fullmatch(parts[-1]):
        return None
    if any(_fits(parts[-1], pattern) for pattern in SECRETS):
        return path, True
    own = path in (clean(sight.asked.file), "Dockerfile")
    return (path, False) if own or any(_fits(parts[-1], p) for p in FILES) else None


def _fits(name: str, pattern: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), name) is not None


def _pattern(top: str) -> str:
    """Return the line of the ignore file that leaves ``top`` out, and its kin in other folders."""
    name = posixpath.basename(top)
    for pattern in (*FILES, *SECRETS):
        if "*" in pattern and _fits(name, pattern):
            return f"**/{pattern}" if "/" in top else pattern
    if name == "__pycache__" or "/" in top:
        return f"**/{name}"
    return name


def _top(path: str, pattern: str) -> str:
    """Return the part of a path that the pattern matches."""
    last = pattern.rpartition("/")[2]
    parts = path.split("/")
    for depth, part in enumerate(parts, 1):
        if _fits(part, last):
            return "/".join(parts[:depth])
    return path


def _by_folder(sight: Sight, path: str, top: str = "") -> bool:
    """Whether a path is only copied along with a folder above it, and never by its own name."""
    top = top or path
    taken = sight.copied.get(path, [])
    for source, _ in taken:
        named = clean(f"/{source}")[1:]
        if wild(source) and named != "*":
            return False
        if named == top or named.startswith(f"{top}/"):
            return False
    return bool(taken)


def _takes_all(sight: Sight) -> bool:
    """Whether a step copies the whole context."""
    sources = {source for taken in sight.copied.values() for source, _ in taken}
    return any(clean(f"/{source}")[1:] in ("", "*") for source in sources)


def _excepted(path: str, kept: list[str]) -> bool:
    """Whether the ignore file says that a path, or what it lies in, is to be taken."""
    return any(path == text or path.startswith(f"{text}/") for text in kept)


def _used(sight: Sight, name: str, own: set[str]) -> bool:
    """Whether the program, or the build, has a use for files of this name."""
    commands = [step for stage in sight.needed for step in stage.steps]
    if name in MADE_BY:
        text = " ".join(_command(step) for step in commands if step.word == "RUN")
        if not re.search(MADE_BY[name], text):
            return True
        return any(name in step.text for step in commands if step.word not in ("RUN", "LABEL"))
    texts = [_command(step) for step in commands]
    if name in ("Dockerfile", posixpath.basename(sight.asked.file)):
        return any(name in text for text in texts)
    if name == "__pycache__" or name.endswith((".pyc", ".swp", "~")) or name == ".DS_Store":
        return False
    texts += [sight.text(path) or "" for path in sight.copied if path not in own]
    if (hint := HINTS.get(name)) and any(re.search(hint, text) for text in texts):
        return True
    return sight.mentions(name, own)


def _command(step: Instruction) -> str:
    return " ".join([step.text, *(each.content for each in step.heredocs)])


def _leaves_out(sight: Sight, name: str, text: str, wanted: set[str]) -> bool:
    """Whether the new ignore file leaves out what is meant, and nothing else that is copied."""
    try:
        after = sight.snapshot.overlay({name: text})
    except BuildFailed:
        return False
    gone = {path for path, how in sight.snapshot.changes(after) if how == "removed"}
    others = [path for path, how in sight.snapshot.changes(after) if how == "changed"]
    meant = all(
        path in wanted or sight.snapshot.files[path].kind == "dir" or path not in sight.copied
        for path in gone
    )
    return meant and wanted - {name} <= gone and not [path for path in others if path != name]


def _ends(path: str) -> set[str]:
    """Return how a path of the image may end that this file, or what it lies in, came to."""
    parts = path.split("/")
    marks = (*FOLDERS, *SECRET_FOLDERS)
    first = next((n for n, part in enumerate(parts[:-1]) if part in marks), len(parts) - 1)
    return {"/".join(parts[first:end]) for end in range(first + 1, len(parts) + 1)}


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""
