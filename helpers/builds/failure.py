"""Why a build failed, out of what the builder wrote. Pure functions over recorded text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..text import plain
from .dockerfile import instructions

__all__ = ["Failure", "of_buildkit", "of_classic"]

TAIL = 12  # lines of a step's output that are shown


@dataclass(frozen=True)
class Failure:
    """What a failed build says, in words that do not differ between builders where possible.

    Fields
    ------
    line: the line of the Dockerfile, from 1; None if the builder does not tell.
    instruction: that instruction, its lines joined; ``""`` likewise.
    exit_code: of the command in a RUN; None if it was not a command that failed.
    missing: a file that COPY or ADD did not find in the context; ``""`` otherwise.
    tail: the end of the step's output.
    reason: the builder's own last words.
    """

    line: int | None
    instruction: str
    exit_code: int | None
    missing: str
    tail: str
    reason: str


def of_buildkit(log: str, dockerfile: str, written: str = "") -> Failure:
    """Read the failure out of what the docker client wrote.

    Parameters
    ----------
    written: what the failed step wrote, where that is known; else it is looked for in ``log``, as
        ``--progress=plain`` has it there.
    """
    log = plain(log)
    errors = re.findall(r"^ERROR: (.+)$", log, re.MULTILINE)
    reason = errors[-1] if errors else log.strip().rpartition("\n")[2]
    reason = re.sub(r"^(failed to (build|solve)( with frontend \S+)?: )+", "", reason)
    marked = re.findall(r"^\s*(\d+) \| >>> ", log, re.MULTILINE)
    output = re.findall(r"^-{6}\n > .*\n((?:(?!-{6}$).*\n)*)-{6}$", log, re.MULTILINE)
    tail = re.sub(r"^\d+\.\d+ ?", "", output[-1] if output else "", flags=re.MULTILINE)
    tail = plain(written) or tail
    line = int(marked[0]) if marked else _line_in(reason) or _line_of(log, dockerfile)
    return _failure(line, dockerfile, tail, reason)


def of_classic(log: str, error: str, dockerfile: str) -> Failure:
    """Read the failure out of the classic builder's stream, its texts joined, and its error."""
    log = plain(log)
    steps = _steps(log)
    known = instructions(dockerfile)
    line, tail = _line_in(error), ""
    if steps:
        number = int(steps[-1][1]) - 1
        before = next((n for n, step in enumerate(known) if step.word == "FROM"), 0)
        # ARG lines above the first FROM are steps as well: the count starts at the first line
        line = known[number].line if number < len(known) else known[before].line
        rows = log[steps[-1].end() :].split("\n")
        tail = "\n".join(row for row in rows if not row.startswith((" ---> ", "Removing inter")))
    return _failure(line, dockerfile, tail, plain(error))


def _steps(log: str) -> list[re.Match[str]]:
    """Return the headlines of steps; a command may write what looks like one."""
    found: list[re.Match[str]] = []
    for one in re.finditer(r"^Step (\d+)/(\d+) : .*$", log, re.MULTILINE):
        if not found or (int(one[1]), one[2]) == (int(found[-1][1]) + 1, found[-1][2]):
            found.append(one)
    return found


def _failure(line: int | None, dockerfile: str, tail: str, reason: str) -> Failure:
    above = [step for step in instructions(dockerfile) if line and step.line <= line]
    code = re.search(r"(?:exit code:|returned a non-zero code:) (\d+)", reason)
    missing = re.search(r"stat (\S+): (?:no such file|file does not exist)", reason)
    missing = missing or re.search(r"\"/?([^\"]+)\":? not found", reason)
    copies = bool(above) and above[-1].word in ("COPY", "ADD")
    return Failure(
        line=above[-1].line if above else line,
        instruction=above[-1].text if above else "",
        exit_code=int(code[1]) if code else None,
        missing=missing[1] if missing and copies else "",
        tail="\n".join(tail.strip().split("\n")[-TAIL:]),
        # what newer builders add differs from one to the next
        reason=re.sub(r" \(did you mean [^)]*\)|^dockerfile parse error on ", "", reason.strip()),
    )


def _line_of(log: str, dockerfile: str) -> int | None:
    """Find the step that failed by its text: BuildKit of Engine 20.10 tells no line."""
    failed = re.findall(r"^ > \[[^\]]*\] (.*):$", log, re.MULTILINE)
    wanted = " ".join(failed[-1].split()) if failed else None
    lines = [s.line for s in instructions(dockerfile) if " ".join(s.text.split()) == wanted]
    return lines[0] if lines else None


def _line_in(reason: str) -> int | None:
    found = re.search(r"line (\d+)", reason)
    return int(found[1]) if found else None
