"""The few things that the course has to know about a Dockerfile without building it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Instruction", "base_images", "final_base", "instructions"]


@dataclass(frozen=True)
class Instruction:
    """One instruction: the line it starts on (from 1), and its text with lines joined."""

    line: int
    text: str

    @property
    def word(self) -> str:
        return self.text.split(None, 1)[0].upper() if self.text.strip() else ""


def instructions(dockerfile: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile; comments and the bodies of here-documents left out.

    Follows https://docs.docker.com/reference/dockerfile/#format; an ``escape`` directive is heeded.
    """
    escape = "\\"
    if directive := re.match(r"(?:#.*\n)*#\s*escape\s*=\s*(\S)", dockerfile, re.IGNORECASE):
        escape = directive[1]
    lines = dockerfile.splitlines()
    found: list[Instruction] = []
    at = 0
    while at < len(lines):
        start, joined = at, lines[at].strip()
        at += 1
        if not joined or joined.startswith("#"):
            continue
        while joined.endswith(escape) and at < len(lines):
            if not lines[at].lstrip().startswith("#"):
                joined = f"{joined[:-1].rstrip()} {lines[at].strip()}"
            at += 1
        for end in re.findall(r"<<-?[\"']?([A-Za-z_]\w*)[\"']?", joined):
            ends = [n for n in range(at, len(lines)) if lines[n].strip() == end]
            at = ends[0] + 1 if ends else at
        found.append(Instruction(start + 1, joined.removesuffix(escape).rstrip()))
    return found


def _stages(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield what each stage starts from, and its name."""
    arguments: dict[str, str] = {}
    for step in instructions(dockerfile):
        words = step.text.split()
        if step.word == "ARG" and len(words) > 1 and "=" in words[1]:
            key, _, value = words[1].partition("=")
            arguments.setdefault(key, value.strip("\"'"))
        if step.word != "FROM":
            continue
        words = [word for word in words[1:] if not word.startswith("--")]
        if not words:
            continue
        image = re.sub(
            r"\$\{?(\w+)(?::-([^}]*))?\}?",
            lambda m: arguments.get(m[1], m[2] or ""),
            words[0],
        )
        yield image, words[2] if len(words) > 2 and words[1].upper() == "AS" else ""


def base_images(dockerfile: str) -> list[str]:
    """Return the images that the stages start from, each once; no ``scratch``, no own stages."""
    found: dict[str, None] = {}
    own: set[str] = set()
    for image, name in _stages(dockerfile):
        if image not in own and image != "scratch":
            found[image] = None
        own.add(name)
    return list(found)


def final_base(dockerfile: str) -> str | None:
    """Return the image that the last stage stands on in the end; ``None`` for ``scratch``."""
    known: dict[str, str] = {}
    last = "scratch"
    for image, name in _stages(dockerfile):
        last = known.get(image, image)
        if name:
            known[name] = last
    return None if last == "scratch" else last
