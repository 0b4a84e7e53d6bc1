"""What the local AWS does with each call that the lessons make."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["CLEANING", "KINDS", "Call", "Row", "read", "table"]

Call = tuple[str, str]  # service, operation
KINDS = ("real", "recorded", "refused")
FILE = Path(__file__).with_name("calls.toml")
# What clean-up asks of services that a lesson does not use, to find that nothing is there.
CLEANING: frozenset[Call] = frozenset({
    ("ecs", "ListClusters"), ("ecs", "ListTaskDefinitions"), ("elbv2", "DescribeLoadBalancers"),
    ("elbv2", "DescribeTargetGroups"), ("rds", "DescribeDBInstances"), ("s3", "ListBuckets"),
    ("secretsmanager", "ListSecrets"), ("ssm", "DescribeParameters"), ("logs", "DescribeLogGroups"),
    ("iam", "ListUsers"), ("iam", "ListRoles"), ("eks", "ListClusters"),
    ("ssm", "DescribeActivations"), ("ssm", "DescribeInstanceInformation"),
    ("budgets", "DescribeBudgets"),
})  # fmt: skip
HEAD = """\
# The calls of the AWS lessons

Each call that the lessons' cells make, and what the local AWS does with it. *Real*: it acts on
something that is there, such as images in a registry, containers or rights. *Recorded*: it is
written down and can be read again, and nothing else happens. *Refused*: the local AWS says no. The
same cells also run against [moto](https://github.com/getmoto/moto), so that nothing depends on the
quirks of one emulator; the last column says where moto does not know a call.

Made by `python -m tests.aws.write_calls`; a test makes it anew and compares.

| call | local AWS | lessons | moto |
|:--|:--|:--|:--|
"""


@dataclass(frozen=True)
class Row:
    """What happens to a call: ``local`` is one of `KINDS`; ``moto`` says why it is not tried."""

    local: str
    moto: str = ""


def read() -> dict[Call, Row]:
    """Return the list of ``calls.toml``.

    Raises
    ------
    ValueError: an entry says something else than one of `KINDS`.
    """
    found: dict[Call, Row] = {}
    for service, operations in tomllib.loads(FILE.read_text("utf-8")).items():
        for operation, told in operations.items():
            row = Row(**told)
            if row.local not in KINDS:
                raise ValueError(f"{service}.{operation}: {row.local}")
            found[service, operation] = row
    return found


def table(by_lesson: Mapping[str, Iterable[Call]]) -> str:
    """Return the page: every listed call, and the lessons that make it.

    Parameters
    ----------
    by_lesson: ``"13-ecr"`` → the calls of that lesson.
    """
    lines = []
    for call, row in sorted(read().items()):
        users = sorted(name[:2] for name, calls in by_lesson.items() if call in set(calls))
        service, operation = call
        cells = (f"`{service}` {operation}", row.local, ", ".join(users), row.moto or "passes")
        lines.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"
