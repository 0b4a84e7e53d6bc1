"""What a kit holds, as its ``manifest.json`` says; nothing here is outside the standard library."""

from __future__ import annotations

import json
import platform
import re
import sys
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import BadArchive

__all__ = ["ENTRY", "FORMAT", "NAME", "File", "Manifest", "Target", "here", "parse"]

NAME = "manifest.json"
ENTRY = "__main__.py"  # what Python runs
FORMAT = 1
# Where files may go: into the course's folder (only where the course looks), or into the clone.
HOMES = ("bases", "debian", "kubernetes", "wheels")
# One step of a path. A drive, a stream, a control character or a name that Windows reserves has no
# place in it.
STEP = re.compile(r"[\w.+~@=,!()\[\] -]+")
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class File:
    """One file: its path in the kit, its size in bytes, its SHA-256, and what it is for.

    ``purpose`` is ``course``, ``environment``, ``index``, ``packages``, ``layers`` or
    ``kubernetes``; ``uses`` names the base images and other things that need it
    (`helpers.kit.wanted`).
    """

    path: str
    size: int
    sha256: str
    purpose: str
    executable: bool = False
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """A Python that the kit's wheels fit: ``3.12`` on ``linux``, ``x86_64``."""

    python: str
    system: str
    machine: str

    def __str__(self) -> str:
        return f"Python {self.python}, {self.system} {self.machine}"


@dataclass(frozen=True)
class Manifest:
    """The whole manifest.

    Parameters
    ----------
    made: when, as ``2026-11-29T12:00:00Z``.
    commit: of the clone it was made from; ``+`` at its end means with changes.
    lock: the SHA-256 of its ``requirements.lock``.
    lessons: those whose files it holds.
    architectures: of the engines that it serves, as Debian calls them.
    """

    made: str
    commit: str
    lock: str
    lessons: tuple[str, ...]
    architectures: tuple[str, ...]
    targets: tuple[Target, ...]
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(file.size for file in self.files)

    def dump(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()


def here() -> Target:
    """Return what this Python is."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return Target(version, platform.system().lower(), machine)


def parse(content: bytes) -> Manifest:
    """Read a manifest, and refuse what no honest one says.

    Raises
    ------
    BadArchive: it is no manifest of a known form, or names a path that leads elsewhere.
    """
    try:
        data = json.loads(content)
        if data.pop("format") != FORMAT:
            raise BadArchive("kit.format")
        files = tuple(
            File(**{**one, "uses": tuple(one.get("uses", ()))}) for one in data.pop("files")
        )
        targets = tuple(Target(**one) for one in data.pop("targets"))
        strings = {name: data.pop(name) for name in ("made", "commit", "lock")}
        lists = {name: tuple(data.pop(name)) for name in ("lessons", "architectures")}
        _typed(data, files, strings, lists)
        found = Manifest(**strings, **lists, targets=targets, files=files)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadArchive("kit.format") from None
    seen = set()
    for file in files:
        if not safe(file.path) or file.path.casefold() in seen:
            raise BadArchive("kit.path", path=file.path)
        seen.add(file.path.casefold())
    return found


def _typed(data: dict[str, Any], files: tuple[File, ...], strings: dict, lists: dict) -> None:
    for file in files:
        fits = isinstance(file.path, str) and isinstance(file.purpose, str)
        fits = fits and type(file.size) is int and file.size >= 0 and type(file.executable) is bool
        if not (fits and re.fullmatch(r"[0-9a-f]{64}", file.sha256)):
            raise ValueError
    words = [*strings.values(), *(one for many in lists.values() for one in many)]
    if data or not all(isinstance(word, str) for word in words):
        raise ValueError


def safe(path: str) -> bool:
    """Whether a file of the kit may have this path: below ``course/``, or ``home/`` and a folder
    of the course, with no step that leads out, on any system."""
    steps = path.split("/")
    if len(steps) < 2 or not all(STEP.fullmatch(step) for step in steps):
        return False
    # A dot or a blank at the end is dropped by Windows; "." and ".." are nothing but dots.
    if any(step.rstrip(". ") != step or RESERVED.match(step) for step in steps):
        return False
    if steps[0] == "home":
        return len(steps) > 2 and steps[1] in HOMES
    return steps[0] == "course" and steps[1] not in (".git", ".venv", "work")
