"""A place where the page runs: deployed, asked, hurt, updated, taken back, looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ..engine import Engine
from ..engine.own import own_image
from ..errors import NotFound
from ..healing.model import Load
from ..messages import text
from . import record
from .image import PAGE
from .model import State
from .record import Record

__all__ = ["Folder", "Place"]


class Folder(Protocol):
    """Where a description lies: a `helpers.scenarios.Scenario`."""

    @property
    def folder(self) -> Path: ...
    @property
    def shown(self) -> str: ...


class Place:
    """What all platforms have in common; a subclass says how its own does it.

    Each method prints the commands that do the same by hand. What is seen is remembered, so that a
    check can tell whether it was seen of what runs now.
    """

    platform = ""
    draft = ""  # the scenario with a first description

    def __init__(self, engine: Engine, known: Record) -> None:
        self.engine, self.record = engine, known

    def __repr__(self) -> str:
        return text(f"capstone.place.{self.platform}")

    # What a learner calls

    def push(self, tag: str = "1") -> str:
        """Hand an image of the page to where the platform takes it from; return its name there.

        Raises
        ------
        NotFound: that version was not built.
        """
        image = f"{PAGE}:{tag}"
        found = own_image(self.engine, image)
        if found is None:
            raise NotFound("registry.no_image", name=image)
        there = self._push(image, tag)
        self._remember(built={**self.record.built, tag: found["Id"]})
        return there

    def deploy(self, description: Folder) -> State:
        """Start what a description says, wait until it runs, and return what then is.

        Parameters
        ----------
        description: a scenario: the platform's own file or files.
        """
        if "1" not in self.record.built:
            self.push("1")
        self._deploy(description)
        return self.state()

    def ask(self) -> int:
        """Ask several times; print an answer, and return how many different copies answered."""
        count = self._ask()
        self._prove(answered=count > 0)
        return count

    def kill(self) -> State:
        """End one copy behind the platform's back, wait for what comes of it, and return that."""
        before = self.state()
        self._kill()
        after = self.state()
        self._prove(healed=after.well >= max(before.desired, 1))
        return after

    def update(self, tag: str = "2") -> Load:
        """Replace the version that runs by another one, while requests come in."""
        load = self._update(self.push(tag), tag)
        self._prove(updated=_lost(load))
        return load

    def back(self) -> Load:
        """Go back to the version before, while requests come in."""
        load = self._back()
        self._prove(returned=_lost(load))
        return load

    def state(self) -> State:
        """Return what the platform tells of the page.

        Raises
        ------
        NotFound: nothing is deployed.
        """
        raise NotImplementedError

    def clean_up(self) -> None:
        """Remove what was made at this place."""
        self._remove()
        record.forget(self.engine)

    # What a platform does

    def begin(self) -> None:
        """Make ready what the page needs there, with nothing of an earlier run."""
        raise NotImplementedError

    def _push(self, image: str, tag: str) -> str:
        raise NotImplementedError

    def _deploy(self, description: Folder) -> None:
        raise NotImplementedError

    def _ask(self) -> int:
        raise NotImplementedError

    def _kill(self) -> None:
        raise NotImplementedError

    def _update(self, image: str, tag: str) -> Load:
        raise NotImplementedError

    def _back(self) -> Load:
        raise NotImplementedError

    def _remove(self) -> None:
        raise NotImplementedError

    # What is remembered

    def _remember(self, **changes: object) -> None:
        self.record = replace(self.record, **changes)  # type: ignore[arg-type]
        record.keep(self.engine, self.record)

    def _prove(self, **seen: object) -> None:
        identity = self.state().identity
        proof = self.record.proof
        if proof.identity != identity:  # made anew since: what was seen of the old one is void
            proof = type(proof)(identity)
        self._remember(proof=replace(proof, **seen))  # type: ignore[arg-type]

    def _same(self, tag: str) -> bool | None:
        """Whether the image that was handed over under a tag is still the one that is here."""
        found = own_image(self.engine, f"{PAGE}:{tag}")
        return None if found is None else self.record.built.get(tag) == found["Id"]


def _lost(load: Load | None) -> int | None:
    """How many requests failed; None if none were sent (to a real account none are)."""
    return load.failed if load else None
