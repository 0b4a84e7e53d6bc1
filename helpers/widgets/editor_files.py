"""What the build editor works on, and which of its texts are on the disk or in the last build."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ..builds.model import Step
from ..builds.rounds import Round

__all__ = ["Bench", "Texts"]


class Bench(Protocol):
    """What the editor works on, as `helpers.builds.workbench` makes it."""

    @property
    def tag(self) -> str: ...
    def files(self) -> dict[str, str]:
        """Return the text files as they lie on the disk, the Dockerfile first."""

    def steps(self, files: Mapping[str, str]) -> Sequence[Step]:
        """Return the steps of these files' Dockerfile; BuildFailed if it cannot be read."""

    def write(self, name: str, content: str) -> None:
        """Put a text on the disk."""

    def reset(self, name: str) -> str:
        """Put the shipped text of a file on the disk and return it."""

    def build(self, report: Callable[[str, str], None]) -> Round:
        """Build what lies on the disk; call ``report(step id, state)`` on the way."""


class Texts:
    """The texts on the disk, and those of the last build, as far as the editor has seen them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.disk = dict(bench.files())
        self.built = dict(self.disk)

    def joined(self, edited: Mapping[str, str]) -> dict[str, str]:
        """Return the disk's texts as they are now, with those on top that were edited here."""
        disk = dict(self._bench.files())
        mine = {name: text for name, text in edited.items() if text != self.disk.get(name)}
        self.disk = disk
        return {**disk, **mine}

    def save(self, edited: Mapping[str, str]) -> None:
        """Write what is not on the disk yet."""
        for name, text in edited.items():
            if text != self.disk.get(name):
                self._bench.write(name, text)
                self.disk[name] = text

    def reset(self, name: str) -> str:
        """Put the shipped text of a file on the disk and return it."""
        self.disk[name] = self._bench.reset(name)
        return self.disk[name]

    def changed(self, edited: Mapping[str, str]) -> list[str]:
        """Return the names of the files that the last build saw otherwise, or not at all."""
        return [name for name, text in edited.items() if text != self.built.get(name)]
