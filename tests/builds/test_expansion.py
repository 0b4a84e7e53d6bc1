"""Variables and quotes in a Dockerfile's words.

Expected values are those of BuildKit's own table of tests (frontend/dockerfile/shell/envVarTest).
"""

from __future__ import annotations

import pytest

from helpers.builds.expansion import assignments, expand, words

VALUES = {"PWD": "/home", "SHELL": "bash", "EMPTY": "", "KOREAN": "한국어", "OTHER": "$PWD"}


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("hello", "hello"),
        ("he'll'o", "hello"),
        ("he'llo", "hello"),
        (r"he\'llo", "he'llo"),
        (r"he\\'llo", r"he\llo"),
        (r"abc\tdef", "abctdef"),
        (r'"abc\tdef"', r"abc\tdef"),
        (r"'abc\tdef'", r"abc\tdef"),
        (r'"abc\"def"', 'abc"def'),
        ("hello\\", "hello\\"),
        ('"hello"', "hello"),
        ("'hello\\there'", r"hello\there"),
        ('"hello\'there"', "hello'there"),
        ("$PWD", "/home"),
        ("he$PWD", "he/home"),
        ("he${PWD}xx", "he/homexx"),
        ("he$PWDX.", "he."),
        ("he$PWD.", "he/home."),
        (r"he\$PWD", "he$PWD"),
        (r"he\\$PWD", "he\\/home"),
        ("'he$PWD'", "he$PWD"),
        ('"he$PWD"', "he/home"),
        (r'"he\$PWD"', "he$PWD"),
        ("he$1x", "hex"),
        ("he$.x", "he$.x"),
        ("$", "$"),
        ("a$", "a$"),
        ("he$*hi", "hehi"),
        ("$OTHER", "$PWD"),  # a value is not looked at again
        ("${KOREAN}${PWD}", "한국어/home"),
        ("안녕하세요${PWD}hi", "안녕하세요/homehi"),
        ("he${XXX}", "he"),
        # ---- with another word ----
        ("${XXX:-000}", "000"),
        ("${XXX-000}", "000"),
        ("${PWD:-000}", "/home"),
        ("${EMPTY:-000}", "000"),
        ("${EMPTY-000}", ""),
        ("${XXX:-}", ""),
        ("${XXX:-$PWD}", "/home"),
        ("${XXX:-${PWD}}", "/home"),
        ("${XXX:-${YYY:-z}}", "z"),
        ("${XXX:-${YYY:-${ZZZ:-deep}}}", "deep"),
        ("${XXX:-${YYY:-${PWD}}/b}", "/home/b"),
        ("${XXX:-a}${YYY:-b}", "ab"),
        ("${XXX:-a:b}", "a:b"),
        ("${PWD:+there}", "there"),
        ("${PWD+there}", "there"),
        ("${XXX:+there}", ""),
        ("${XXX+there}", ""),
        ("${EMPTY:+there}", ""),
        ("${EMPTY+there}", "there"),
        ("${PWD:+${SHELL}}", "bash"),
        ("${PWD:?gone}", "/home"),
        ('"${XXX:-a b}"', "a b"),
        ("'${XXX:-a}'", "${XXX:-a}"),
    ],
)
def test_a_word(word: str, expected: str) -> None:
    assert expand(word, VALUES) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("${P#a}", "bcabc"),
        ("${P##*a}", "bc"),
        ("${P%c}", "abcab"),
        ("${P%%b*}", "a"),
        ("${P#x}", "abcabc"),
        ("${P/b/X}", "aXcabc"),
        ("${P//b/X}", "aXcaXc"),
        ("${P//b/}", "acac"),
        ("${P/b*/-}", "a-"),
        ("${P//?b/[$P]}", "[abcabc]c[abcabc]c"),
        ("${P%\\*}", "abcabc"),
        ("v${NONE#x}", "v"),
    ],
)
def test_a_pattern_cuts_or_replaces(word: str, expected: str) -> None:
    """https://docs.docker.com/reference/dockerfile/#environment-replacement"""
    assert expand(word, {"P": "abcabc"}) == expected


def test_another_escape_character() -> None:
    assert expand("a`$PWD", VALUES, "`") == "a$PWD"
    assert expand("c:\\x\\$PWD", VALUES, "`") == "c:\\x\\/home"


@pytest.mark.parametrize(
    "word", ["${", "${}", "${P", "${P:-", "${P:-{}", "$" * 99, "${" * 99, '"', "\\"]
)
def test_what_never_ends_is_no_error(word: str) -> None:
    assert isinstance(expand(word, VALUES), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b  c", ["a", "b", "c"]),
        ("\ta\t b ", ["a", "b"]),
        ("", []),
        ("'a b' c", ["a b", "c"]),
        ('"a b"c d', ["a bc", "d"]),
        ("a\\ b c", ["a b", "c"]),
        ("'a \"b' c", ['a "b', "c"]),
        ('"a \\" b" c', ['a " b', "c"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_words_that_keep_their_quotes() -> None:
    assert words("'a b' \"c d\" e\\ f", keep_quotes=True) == ["'a b'", '"c d"', "e\\ f"]


def test_words_with_another_escape_character() -> None:
    assert words("c:\\ d", escape="`") == ["c:\\", "d"]
    assert words("c:` d", escape="`") == ["c: d"]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("A=1", [("A", "1")]),
        ("A=1 B=2", [("A", "1"), ("B", "2")]),
        ("A='x y' B=\"$PWD z\"", [("A", "x y"), ("B", "/home z")]),
        ("A=x\\ y", [("A", "x y")]),
        ("A=b=c", [("A", "b=c")]),
        ("A= B=2", [("A", ""), ("B", "2")]),
        ("A one two", [("A", "one two")]),
        ("A   one", [("A", "one")]),
        ("A one=two", [("A", "one=two")]),
        ("A=1 B=$A", [("A", "1"), ("B", "")]),  # they do not see each other
        ('"A"=1', [("A", "1")]),
    ],
)
def test_assignments(rest: str, expected: list[tuple[str, str]]) -> None:
    assert assignments(rest, VALUES) == expected


def test_assignments_with_another_escape_character() -> None:
    assert assignments("A=c:\\x B=$A`", VALUES, "`") == [("A", "c:\\x"), ("B", "`")]
