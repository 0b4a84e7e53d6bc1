"""The divisions of China at the level of a province (GB/T 2260)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..messages import language

__all__ = ["Province", "provinces"]

FILE = Path(__file__).with_name("provinces.toml")


@dataclass(frozen=True)
class Province:
    """One of the 34; ``code`` is the first two digits of its codes in GB/T 2260."""

    code: str
    en: str
    zh: str
    mainland: bool = True

    @property
    def name(self) -> str:
        """Its name in the notebook's language."""
        return self.zh if language() == "zh" else self.en


@cache
def provinces() -> dict[str, Province]:
    """Return them by their code, in its order."""
    read = tomllib.loads(FILE.read_text("utf-8"))
    return {code: Province(code, **told) for code, told in read.items()}
