"""What a preflight finds: plain data, no words but those that a machine said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..kit.manifest import Manifest

__all__ = ["HERE", "WEIGHTS", "Answer", "Finding", "Machine", "Needs"]

HERE = "."  # stands for this machine in a list of machines
# What a finding means for the class, the worst first.
WEIGHTS = ("stops", "hurts", "note", "good")


@dataclass(frozen=True)
class Finding:
    """One line about a machine.

    Parameters
    ----------
    topic: a key below ``preflight.topic`` or ``doctor.topic`` of the messages, with its area.
    weight: one of `WEIGHTS`.
    value: what was found.
    advice: what to do; empty where nothing is to be done.
    """

    topic: str
    weight: str
    value: str
    advice: str = ""


@dataclass(frozen=True)
class Needs:
    """What the chosen lessons need of a machine.

    Parameters
    ----------
    sets: names as `helpers.kit.wanted.needs` gives them.
    memory, disk: bytes.
    kit: the manifest of the offline kit that the class will bring; None for a class with a network.
    """

    lessons: tuple[str, ...]
    sets: frozenset[str]
    memory: int
    disk: int
    kit: Manifest | None = None


@dataclass(frozen=True)
class Answer:
    """What came back from one machine: facts, or the reason why there are none.

    Parameters
    ----------
    failure: a key below ``preflight.unreachable`` of the messages; empty if there are facts.
    said: the last line of what ssh, or the machine, said instead.
    skew: seconds that its clock is ahead of ours, as far as can be told.
    doubt: half of the seconds that the question took, by which the skew may be wrong.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    said: str = ""
    skew: float = 0.0
    doubt: float = 0.0


@dataclass(frozen=True)
class Machine:
    """A machine and all that was found about it."""

    host: str
    findings: tuple[Finding, ...]

    @property
    def stopped(self) -> bool:
        """Whether something there stops the class."""
        return any(finding.weight == "stops" for finding in self.findings)

    @property
    def worst(self) -> str:
        """The heaviest weight of all findings."""
        return min((f.weight for f in self.findings), key=WEIGHTS.index, default="good")
