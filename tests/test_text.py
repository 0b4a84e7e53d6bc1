"""Rule 4: what Docker says is untrusted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.text import columns, escape, padded, plain, size


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07rest", "rest"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x00b\rc\x08d", "abcd"),
        ("tab\tline\n", "tab\tline\n"),
        ("\x9b31mC1", "31mC1"),
        ("gpj\u202eexe", "gpj\\u202eexe"),
        ("bad\udcffbyte", "bad\\xffbyte"),
        ("多语言", "多语言"),
    ],
)
def test_plain(given_text: str, expected: str) -> None:
    assert plain(given_text) == expected


@given(st.text())
def test_plain_never_leaves_a_control_character(value: str) -> None:
    assert not any((ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160 for c in plain(value))


@given(st.text())
def test_escaped_text_cannot_open_a_tag_or_leave_an_attribute(value: str) -> None:
    assert not set(escape(value)) & set("<>\"'")


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1234, "1.23 kB"),
        (999_999, "1000 kB"),
        (20_000_000, "20 MB"),
        (1_982_256, "1.98 MB"),
        (5 * 10**12, "5 TB"),
    ],
)
def test_size(count: int, expected: str) -> None:
    assert size(count) == expected


def test_columns_of_chinese_are_padded_to_their_width() -> None:
    assert columns(padded("层 a", 8)) == 8
    assert padded("12", 4, right=True) == "  12"
