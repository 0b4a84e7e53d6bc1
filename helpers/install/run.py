"""What came of the seven steps: plain data, and the stored run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..messages import text
from .model import STEPS
from .stages import STAGES

__all__ = ["PROMPT", "STORED", "Installation", "Ran", "Typed", "keep", "stored", "stored_line"]

STORED = Path(__file__).with_name("stored_run.json")
PROMPT = "root@server:~# "


@dataclass(frozen=True)
class Typed:
    """A command that was typed, and the line of its output that is shown."""

    command: str
    output: str = ""


@dataclass(frozen=True)
class Ran:
    """One of the seven steps as it was done.

    Fields
    ------
    seconds: that its commands took.
    values: fields of the message that says what came of it, if no line of output does.
    """

    key: str
    typed: tuple[Typed, ...]
    seconds: float
    values: dict[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> str:
        """What came of it, in one line."""
        return self.typed[-1].output or text(f"install.outcome.{self.key}", **self.values)

    def __str__(self) -> str:
        number = STEPS.index(self.key) + 1
        lines = [f"{number}. {text(f'install.step.{self.key}')}"]
        for typed in self.typed:
            lines.append(f"{PROMPT}{typed.command}")
            lines += [typed.output] if typed.output else []
        if not self.typed[-1].output:
            lines.append(f"→ {self.outcome}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Installation:
    """The steps that were done on a fresh server, in order.

    ``real`` tells whether they ran here, or are the course's stored run.
    """

    steps: tuple[Ran, ...]
    real: bool

    @property
    def seconds(self) -> float:
        return sum(step.seconds for step in self.steps)


def stored(key: str) -> Ran:
    """Return a step of the run that is stored with the course."""
    kept = json.loads(STORED.read_text("utf-8"))["steps"][key]
    typed = [Typed(command) for command in STAGES[key].typed]
    typed[-1] = Typed(STAGES[key].typed[-1], kept["output"])
    return Ran(key, tuple(typed), kept["seconds"], kept["values"])


def stored_line(line: str) -> str | None:
    """Return what a line printed that was typed in the stored run; None if it was not."""
    return json.loads(STORED.read_text("utf-8"))["lines"].get(line)


def keep(installation: Installation, lines: Mapping[str, str], machine: str) -> None:
    """Store a run for those on whose machine it cannot run.

    Parameters
    ----------
    lines: what else was typed, and what it printed.
    machine: what it ran on, in English; nothing that names one particular machine.
    """
    steps = {
        ran.key: {
            "seconds": round(ran.seconds, 2),
            "output": ran.typed[-1].output,
            "values": ran.values,
        }
        for ran in installation.steps
    }
    content = json.dumps({"machine": machine, "steps": steps, "lines": dict(lines)}, indent=1)
    STORED.write_text(f"{content}\n", "utf-8")
