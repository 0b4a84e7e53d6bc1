"""The code of a class survives being read off a wall and typed."""

from __future__ import annotations

import hashlib

import pytest

from helpers.classview import certificate, code
from helpers.classview.code import Code
from helpers.errors import ClassFailed

LETTERS = "7K3M-Q0XW-1111-2222-3333-4444"


@pytest.mark.parametrize("host", ["192.168.1.20", "fd00::5", "host.docker.internal"])
def test_what_is_shown_is_what_is_read(host: str) -> None:
    shown = Code(host, 8765, "7K3MQ0XW", "1111222233334444")
    assert code.read(str(shown)) == shown


@pytest.mark.parametrize(
    "typed",
    [
        f"192.168.1.20:8765/{LETTERS}",
        f"  192.168.1.20:8765#{LETTERS.lower()} ",
        f"https://192.168.1.20:8765/{LETTERS.replace('-', ' ')}",
        "192.168.1.20:8765/7k3mqOxwIlIl222233334444",
    ],
)
def test_what_is_typed_need_not_be_exact(typed: str) -> None:
    assert code.read(typed) == Code("192.168.1.20", 8765, "7K3MQ0XW", "1111222233334444")


@pytest.mark.parametrize(
    "typed",
    [
        "", "192.168.1.20:8765", f"192.168.1.20/{LETTERS}", f"192.168.1.20:0/{LETTERS}",
        f"192.168.1.20:65536/{LETTERS}", f"192.168.1.20:8765/{LETTERS}5",
        f"192.168.1.20:8765/{LETTERS[:-1]}U", f"user@192.168.1.20:8765/{LETTERS}",
        f"192.168.1.20:8765/x/{LETTERS}", f"http://192.168.1.20:8765/{LETTERS}",
        "\x00" * 30, None, 7,
    ],
)  # fmt: skip
def test_anything_else_is_refused(typed: object) -> None:
    with pytest.raises(ClassFailed, match=r"not the code of a class|不是班级的加入码"):
        code.read(typed)


def test_secrets_differ_and_hold_nothing_that_looks_alike() -> None:
    made = {code.new_secret() for _ in range(200)}
    assert len(made) == 200
    assert {len(one) for one in made} == {8}
    assert not set("".join(made)) & set("ILOU")


def test_a_fingerprint_is_the_beginning_of_a_sha_256() -> None:
    assert (
        len({code.fingerprint(certificate.public(b"".join(certificate.make()))) for _ in range(3)})
        == 3
    )
    bits = "".join(f"{code.ALPHABET.index(letter):05b}" for letter in code.fingerprint(b"x"))
    digest = hashlib.sha256(b"x").digest()
    assert bits == "".join(f"{byte:08b}" for byte in digest)[: len(bits)]
    assert len(bits) == 80
