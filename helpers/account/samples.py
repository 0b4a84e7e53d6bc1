"""Invented applications to rehearse with: none of their numbers belongs to anybody."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ..messages import LANGUAGES, language, text
from .fields import FIELDS

__all__ = ["Application", "applications", "sample"]

FILE = Path(__file__).with_name("samples.toml")
SHOWN = ("company_name", "licence_name", "credit_code", "officer_id", "taxpayer", "invoice")


@dataclass(frozen=True, repr=False)
class Application(Mapping[str, str]):
    """What somebody who does not exist would type: field → value."""

    values: Mapping[str, str] = field(hash=False)

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def __str__(self) -> str:
        lines = []
        for name in SHOWN:
            told = FIELDS[name].named().get(self[name], self[name])
            lines.append(text("account.sample.row", field=name, label=FIELDS[name].label,
                              value=told))  # fmt: skip
        return "\n".join(lines)

    __repr__ = __str__


def sample() -> Application:
    """Return an application that would be accepted, in the notebook's language."""
    return _made({})


def applications() -> dict[str, Application]:
    """Return five applications, A to E; some of them would be sent back."""
    return {letter: _made(own) for letter, own in _read()["applications"].items()}


def _made(own: Mapping[str, object]) -> Application:
    values: dict[str, str] = {}
    for table in (_read()["sample"], own):
        both = {**table, **table.get(language(), {})}  # type: ignore[dict-item]
        values |= {name: told for name, told in both.items() if name not in LANGUAGES.values()}
    order = list(FIELDS)
    return Application(dict(sorted(values.items(), key=lambda pair: order.index(pair[0]))))


@cache
def _read() -> dict:
    return tomllib.loads(FILE.read_text("utf-8"))
