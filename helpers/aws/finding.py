"""How things of the course are found in an account: by its tag, or by a name that begins so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..engine import labels
from .targeting import client

__all__ = ["Thing", "marks", "pages", "thing"]

PREFIX = "lbl-"


@dataclass(frozen=True)
class Thing:
    """One resource.

    Fields
    ------
    kind: as ``"ecr repository"``; ``name``: by which its API knows it.
    lesson: whose it is, None if its tag does not say.
    shown: what a person calls it.
    """

    kind: str
    name: str
    lesson: str | None = field(default=None, compare=False)
    shown: str = field(default="", compare=False)


def pages(service: str, operation: str, key: str, **given: Any) -> Iterator[Any]:
    """Return the rows below ``key`` of all pages of an operation's answer."""
    api = client(service)
    if api.can_paginate(operation):
        for page in api.get_paginator(operation).paginate(**given):
            yield from page.get(key) or ()
    else:
        yield from getattr(api, operation)(**given).get(key) or ()


def marks(rows: Iterable[dict] | dict | None) -> dict[str, str]:
    """Return tags as a mapping, in whichever of AWS's three forms they come."""
    if isinstance(rows, dict):
        return rows
    return {row.get("Key", row.get("key", "")): row.get("Value", row.get("value", ""))
            for row in rows or ()}  # fmt: skip


def thing(kind: str, name: str, tags: dict[str, str], shown: str = "") -> Iterator[Thing]:
    """Return a thing if it is the course's, and nothing if it is not."""
    if labels.ours(tags) or (shown or name).startswith(PREFIX):
        # a name that is nothing but the mark, as that of a cluster, tells it as well
        lesson = labels.lesson_of(tags) or labels.named(f"{shown or name}-")
        # arn:…:service/CLUSTER/NAME, arn:…:task-definition/FAMILY:REVISION
        short = name.split("/", 1)[-1] if name.startswith("arn:") else name
        yield Thing(kind, name, lesson, shown or short)
