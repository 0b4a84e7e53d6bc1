"""Which kubectl for which server: one minor version older, newer, or the same."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SKEW", "Kubectl", "Version", "asked", "pick"]

SKEW = 1  # minor versions: https://kubernetes.io/releases/version-skew-policy/#kubectl
LIMIT = 20.0  # seconds for a program to say its version


@dataclass(frozen=True, order=True)
class Version:
    """``1.20``: major and minor; patches change no API."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"

    @classmethod
    def of(cls, written: str) -> Version:
        """Parse ``v1.20.2``, ``1.27+`` or ``v1.30.1-eks-abc``.

        Raises
        ------
        ValueError: that is no version.
        """
        found = re.match(r"v?(\d+)\.(\d+)", written.strip())
        if not found:
            raise ValueError(written)
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Kubectl:
    """A kubectl and its version."""

    path: Path
    version: Version

    def apart(self, server: Version) -> int:
        """Return by how many minor versions it differs from a server."""
        if self.version.major != server.major:
            return 1000
        return abs(self.version.minor - server.minor)

    def fits(self, server: Version) -> bool:
        return self.apart(server) <= SKEW


def pick(server: Version, found: Iterable[Kubectl]) -> Kubectl | None:
    """Return the first kubectl that fits a server; else the nearest; None if there is none.

    `found` is asked one by one, so that a later one is not fetched if an earlier one fits.
    """
    seen = []
    for one in found:
        if one.fits(server):
            return one
        seen.append(one)
    return min(seen, key=lambda one: one.apart(server), default=None)


def asked(path: Path) -> Kubectl | None:
    """Ask a program for its version; None if it is no kubectl, or does not answer."""
    try:
        done = subprocess.run(
            [path, "version", "--client", "--output=json"], capture_output=True, timeout=LIMIT,
            stdin=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        told = json.loads(done.stdout)["clientVersion"]
        return Kubectl(path, Version.of(str(told["gitVersion"])))
    except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError):
        return None
