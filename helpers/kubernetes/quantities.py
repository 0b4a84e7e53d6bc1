"""Quantities of Kubernetes: ``250m`` of a core, ``64Mi`` of memory."""

from __future__ import annotations

import re
from decimal import Decimal

__all__ = ["parse"]

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
_SUFFIXES = {
    "n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3"), "": Decimal(1),
    "k": Decimal("1e3"), "M": Decimal("1e6"), "G": Decimal("1e9"), "T": Decimal("1e12"),
    "P": Decimal("1e15"), "E": Decimal("1e18"),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40),
    "Pi": Decimal(2**50), "Ei": Decimal(2**60),
}  # fmt: skip
_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)")


def parse(written: object) -> Decimal:
    """Return what a quantity amounts to, in its unit (cores, bytes, a count).

    Raises
    ------
    ValueError: it is none, as ``100mm`` or ``64mb``.
    """
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        raise ValueError(written)
    found = _FORM.fullmatch(str(written))
    if found is None:
        raise ValueError(written)
    number = Decimal(found[1])
    if found[2] is not None:
        if abs(int(found[2])) > 99:
            raise ValueError(written)
        return number * Decimal(10) ** int(found[2])
    return number * _SUFFIXES[found[3] or ""]
