"""What runs, as the platform itself tells it; and what was seen of it under trial."""

from __future__ import annotations

from dataclasses import dataclass

from ..messages import text
from ..text import plain

__all__ = ["COPIES", "HIDDEN", "MISSING", "PLAIN", "Copy", "Proof", "State"]

COPIES = 2  # that have to run
# How the page comes by its key: named where the platform keeps such things, readable for whoever
# may read the description, or not at all.
HIDDEN, PLAIN, MISSING = "hidden", "plain", "missing"


@dataclass(frozen=True)
class Copy:
    """One container of the page.

    Fields
    ------
    well: whether the platform finds it so.
    version: the tag of its image.
    """

    well: bool
    version: str


@dataclass(frozen=True)
class State:
    """What a platform tells of the page.

    Fields
    ------
    platform: ``"fargate"``, …
    desired: copies that were asked for.
    copies: those that run.
    identity: what it was made as; another one after it was removed and made anew.
    same_image: whether what the platform pulls is what was built; None where that cannot be told.
    limited: whether memory is limited. checked: whether the platform itself asks for the health.
    key: `HIDDEN`, `PLAIN` or `MISSING`.
    """

    platform: str
    desired: int
    copies: tuple[Copy, ...]
    identity: str
    same_image: bool | None
    limited: bool
    checked: bool
    key: str

    @property
    def well(self) -> int:
        """How many copies the platform finds well."""
        return sum(one.well for one in self.copies)

    @property
    def versions(self) -> tuple[str, ...]:
        return tuple(sorted({one.version for one in self.copies}))

    def faults(self) -> tuple[str, ...]:
        """Return what is not yet as it shall be: keys below ``capstone.fault``."""
        found = {
            "few": self.desired < COPIES,
            "not_well": self.well < self.desired or len(self.copies) != self.desired,
            "mixed": len(self.versions) > 1,
            "other_image": self.same_image is False,
            "no_limit": not self.limited,
            "no_check": not self.checked,
            "key_plain": self.key == PLAIN,
            "key_missing": self.key == MISSING,
        }
        return tuple(name for name, wrong in found.items() if wrong)

    def __str__(self) -> str:
        yes = {True: text("capstone.yes"), False: text("capstone.no"), None: "–"}
        rows = [
            ("copies", text("capstone.of", well=self.well, desired=self.desired)),
            ("version", plain(", ".join(self.versions)) or "–"),
            ("image", yes[self.same_image]),
            ("limit", yes[self.limited]),
            ("check", yes[self.checked]),
            ("key", text(f"capstone.key.{self.key}")),
        ]
        return "\n".join(
            text("capstone.row", name=text(f"capstone.state.{name}"), value=value)
            for name, value in rows
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": str(self)}


@dataclass(frozen=True)
class Proof:
    """What was seen while the page was under trial.

    Fields
    ------
    identity: of what was tried: `State.identity`.
    answered: whether it answered.
    healed: whether there were as many copies as before after one had been ended.
    updated, returned: requests that failed during the update and during the way back, None before.
    """

    identity: str = ""
    answered: bool = False
    healed: bool = False
    updated: int | None = None
    returned: int | None = None

    def faults(self, state: State) -> tuple[str, ...]:
        """Return what has not been shown yet: keys below ``capstone.fault``."""
        if self.identity != state.identity:
            return ("not_tried",)
        found = {
            "not_asked": not self.answered,
            "not_healed": not self.healed,
            "not_updated": self.updated is None,
            "lost": bool(self.updated),
            "not_returned": self.returned is None,
            "lost_back": bool(self.returned),
        }
        return tuple(name for name, wrong in found.items() if wrong)
