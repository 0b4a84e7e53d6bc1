"""Check characters of the two numbers that an application holds: they find a slip of the hand.

A right check character says that a number was copied well, not that anybody has it.
"""

from __future__ import annotations

__all__ = ["CREDIT", "credit_check", "identity_check", "organisation_check"]

# GB 32100-2015, table 1: digits and capitals without I, O, S, V and Z; a character's value is its
# place in this line.
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(3**place % 31 for place in range(17))
# GB 11714-1997, the organisation code inside it: digits, and A = 10 to Z = 35.
ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# GB 11643-1999 (ISO 7064, MOD 11-2).
IDENTITY_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
IDENTITY = "10X98765432"


def credit_check(first: str) -> str:
    """Return the 18th character of a unified social credit code.

    Parameters
    ----------
    first: its first 17 characters, all of them in `CREDIT`.
    """
    total = sum(CREDIT.index(one) * by for one, by in zip(first, CREDIT_WEIGHTS, strict=True))
    return CREDIT[-total % 31]


def organisation_check(first: str) -> str:
    """Return the ninth character of an organisation code, whose first eight are ``first``."""
    pairs = zip(first, ORGANISATION_WEIGHTS, strict=True)
    left = -sum(ORGANISATION.index(one) * by for one, by in pairs) % 11
    return "X" if left == 10 else str(left)


def identity_check(first: str) -> str:
    """Return the 18th character of a citizen's number, whose first 17 digits are ``first``."""
    total = sum(int(one) * by for one, by in zip(first, IDENTITY_WEIGHTS, strict=True))
    return IDENTITY[total % 11]
