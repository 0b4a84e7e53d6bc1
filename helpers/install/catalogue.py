"""The platforms and mirrors, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from .model import STEPS, Mirror, Platform, Release, Step

__all__ = ["ORDER", "everything", "mirrors"]

HERE = Path(__file__).parent
# Those of Docker's own packages first, then those of the distributions' own, then the others.
ORDER = (
    "ubuntu", "debian", "fedora", "rhel", "centos", "centos7",
    "sles", "opensuse", "arch", "alpine", "amazon", "macos", "windows", "rootless",
)  # fmt: skip


@cache
def everything() -> dict[str, Platform]:
    """Return every platform by its key, in the order in which they are listed."""
    return {key: _platform(key) for key in ORDER}


@cache
def mirrors() -> dict[str, Mirror]:
    """Return every mirror of Docker's package repository by its key."""
    table = tomllib.loads((HERE / "mirrors.toml").read_text("utf-8"))
    return {key: Mirror(key, **value) for key, value in table.items()}


def _platform(key: str) -> Platform:
    table = tomllib.loads((HERE / "platforms" / f"{key}.toml").read_text("utf-8"))
    steps = table.pop("steps")
    if tuple(steps) != STEPS:
        raise ValueError(f"{key}.toml has the steps {list(steps)}")
    releases = tuple(Release(**release) for release in table.pop("releases"))
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Platform(
        key=key,
        releases=releases,
        steps=tuple(_step(name, steps[name]) for name in STEPS),
        **{**table, **lists},
    )


def _step(key: str, table: dict) -> Step:
    commands = tuple(command.strip("\n") for command in table["commands"])
    return Step(key, commands, tuple(table.get("notes", ())))
