"""Untrusted text made safe, and quantities made readable."""

from __future__ import annotations

import html
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS and the other strings: titles, links
    r"|\x1b[@-_]?",
    re.DOTALL,
)
# Characters that reorder or hide text: an image name may not look like another one.
_INVISIBLE = set("\u200b\u200c\u200d\u2028\u2029\u2060\ufeff") | {
    chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


def plain(value: object) -> str:
    """Return ``str(value)`` without control sequences; line feeds and tabs stay.

    What Docker says (names, labels, history, logs, file paths) passes through here before it is
    printed. Bidirectional controls and zero-width characters are shown as ``\\uXXXX``.
    """
    cleaned = _ESCAPES.sub("", str(value))
    return "".join(_visible(c) for c in cleaned)


def _visible(char: str) -> str:
    if char in "\n\t":
        return char
    if char in _INVISIBLE:
        return f"\\u{ord(char):04x}"
    category = unicodedata.category(char)
    if category == "Cc":
        return ""
    if category == "Cs":  # a byte of a file name that is not UTF-8
        return f"\\x{ord(char) & 0xFF:02x}"
    return char


def escape(value: object) -> str:
    """Return ``value`` as text that is safe inside HTML, attributes included."""
    return html.escape(plain(value), quote=True)


def size(count: int) -> str:
    """Return a number of bytes in the units that Docker prints (powers of 1000): ``12.3 MB``.

    The unit is the largest that leaves at least 1 (kB, MB, GB, TB), with three significant digits,
    as `docker image ls` does (https://pkg.go.dev/github.com/docker/go-units#HumanSize).
    """
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(value) < 1000 or unit == "TB":
            break
        value /= 1000
    return f"{value:.3g} {unit}" if abs(value) < 999.5 else f"{value:.0f} {unit}"


def money(amount: Decimal) -> str:
    """Return an amount with two decimals, a half cent rounded up as bills do."""
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


def columns(value: str) -> int:
    """Return how many columns a line takes in a terminal; Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in value
    )


def padded(value: str, width: int, right: bool = False) -> str:
    """Return a line filled with spaces to ``width`` columns."""
    space = " " * max(0, width - columns(value))
    return space + value if right else value + space
