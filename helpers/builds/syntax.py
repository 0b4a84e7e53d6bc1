"""Mistakes in a Dockerfile that can be told without a builder, with their line."""

from __future__ import annotations

from ..errors import BuildFailed
from .dockerfile import KNOWN, Instruction, instructions

__all__ = ["check"]

# At least so many words behind the instruction.
LEAST = {"COPY": 2, "ADD": 2}
NO_STAGE = "no build stage in current context"


def check(dockerfile: str, shown: str) -> None:
    """Raise an error for the first mistake; a Dockerfile that passes may still fail to build.

    Raises
    ------
    BuildFailed: an unknown instruction, one without its arguments, or one above the first FROM; the
        message names the line.
    """
    begun = False
    found = instructions(dockerfile)
    if not found:
        raise BuildFailed("builds.refused", reason="the Dockerfile is empty", folder=shown)
    for step in found:
        begun = begun or step.word == "FROM"
        if reason := _mistake(step, begun):
            raise BuildFailed(
                "builds.line", line=step.line, instruction=step.text, reason=reason, folder=shown
            )
    if not begun:
        raise BuildFailed("builds.refused", reason=NO_STAGE, folder=shown)


def _mistake(step: Instruction, begun: bool) -> str:
    """Return what is wrong, in BuildKit's words; ``""`` if nothing is."""
    if step.word not in KNOWN:
        return f"unknown instruction: {step.word}"
    count = len(step.exec_form or step.rest.split())
    least = LEAST.get(step.word, 1)
    if count == 0 and step.word not in ("CMD", "ENTRYPOINT"):
        return f"{step.word} requires at least one argument"
    if count < least:
        return f"{step.word} requires at least two arguments"
    if not begun and step.word != "ARG":
        return NO_STAGE
    if step.word == "ENV" and count == 1 and "=" not in step.rest:
        return "ENV must have two arguments"
    return ""
