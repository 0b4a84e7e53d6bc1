"""A preflight for reading, for a spreadsheet, and for a program."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable

from ..messages import text
from ..text import plain
from .model import HERE, WEIGHTS, Machine

__all__ = ["as_csv", "as_json", "as_text"]

MARKS = {"stops": "✗", "hurts": "!", "note": "·", "good": "✓"}


def as_text(machines: Iterable[Machine]) -> str:
    """Return one block a machine: what stops the class first; what is good in one line."""
    machines = list(machines)
    blocks = [_block(machine) for machine in machines]
    counts = Counter(machine.worst for machine in machines)
    blocks.append(text("preflight.summary", count=len(machines), stopped=counts["stops"],
                       hurt=counts["hurts"], ready=counts["note"] + counts["good"]))  # fmt: skip
    return "\n\n".join(blocks)


def _block(machine: Machine) -> str:
    verdict = text(f"preflight.verdict.{machine.worst}")
    lines = [text("preflight.block", name=_name(machine.host), verdict=verdict)]
    for weight in WEIGHTS[:-1]:
        found = [finding for finding in machine.findings if finding.weight == weight]
        if found:
            lines.append(f"{MARKS[weight]} {text(f'preflight.weight.{weight}')}")
        for finding in found:
            line = text("preflight.line", topic=text(finding.topic), value=finding.value)
            lines.append(f"    {line}")
            lines += [f"      → {line}" for line in finding.advice.splitlines()]
    good = [text(f.topic) for f in machine.findings if f.weight == "good"]
    if good:
        names = text("preflight.comma").join(good)
        line = text("preflight.line", topic=text("preflight.weight.good"), value=names)
        lines.append(f"{MARKS['good']} {line}")
    return "\n".join(lines)


def _name(host: str) -> str:
    return text("preflight.here") if host == HERE else plain(host)


def as_csv(machines: Iterable[Machine]) -> str:
    """Return a line for each finding; no cell begins with what a spreadsheet would calculate."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("machine", "weight", "topic", "value", "advice"))
    for machine in machines:
        for finding in machine.findings:
            row = (_name(machine.host), finding.weight, text(finding.topic), finding.value,
                   finding.advice)  # fmt: skip
            writer.writerow(f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell
                            for cell in row)  # fmt: skip
    return out.getvalue()


def as_json(machines: Iterable[Machine]) -> str:
    """Return all machines as JSON; topics by their keys, so that a program can tell them apart."""
    data = [
        {
            "machine": machine.host,
            "worst": machine.worst,
            "findings": [
                {"topic": f.topic, "weight": f.weight, "value": f.value, "advice": f.advice}
                for f in machine.findings
            ],
        }
        for machine in machines
    ]
    return json.dumps(data, ensure_ascii=False, indent=1)
