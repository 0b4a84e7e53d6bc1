"""A key and a certificate for one server, made without OpenSSL, which not every machine has.

ECDSA on P-256 (FIPS 186-5, SEC 1), the certificate in DER (RFC 5280). The key serves one small
server inside a cluster for as long as a lesson; nothing here is hardened against a neighbour who
measures how long it takes.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import secrets
from collections.abc import Sequence

__all__ = ["make"]

# The curve P-256: https://www.secg.org/sec2-v2.pdf, 2.4.2
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
A = P - 3
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
DAYS = 30

Point = tuple[int, int] | None  # None: the point at infinity


def make(names: Sequence[str]) -> tuple[str, str]:
    """Return certificate and private key, both in PEM, for a server with these DNS names."""
    private = secrets.randbelow(N - 1) + 1
    public = _times(private, G)
    body = _to_sign(names, public)
    algorithm = _sequence(_object("1.2.840.10045.4.3.2"))  # ecdsa-with-SHA256
    signed = _sequence(body, algorithm, _bits(_signature(private, body)))
    key = _sequence(
        _integer(1), _tag(0x04, private.to_bytes(32, "big")),
        _tag(0xA0, _object("1.2.840.10045.3.1.7")), _tag(0xA1, _bits(_point(public))),
    )  # fmt: skip
    return _pem("CERTIFICATE", signed), _pem("EC PRIVATE KEY", key)


def _to_sign(names: Sequence[str], public: Point) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    begin, end = now - datetime.timedelta(days=1), now + datetime.timedelta(days=DAYS)
    name = _sequence(_tag(0x31, _sequence(_object("2.5.4.3"), _tag(0x0C, names[0][:64].encode()))))
    key = _sequence(
        _sequence(_object("1.2.840.10045.2.1"), _object("1.2.840.10045.3.1.7")),
        _bits(_point(public)),
    )
    known_as = _sequence(*(_tag(0x82, one.encode()) for one in names))
    extensions = _sequence(
        _sequence(_object("2.5.29.17"), _tag(0x04, known_as)),  # subjectAltName
        _sequence(  # extendedKeyUsage: serverAuth
            _object("2.5.29.37"), _tag(0x04, _sequence(_object("1.3.6.1.5.5.7.3.1")))
        ),
    )
    return _sequence(
        _tag(0xA0, _integer(2)), _integer(secrets.randbits(120)),
        _sequence(_object("1.2.840.10045.4.3.2")), name, _sequence(_time(begin), _time(end)), name,
        key, _tag(0xA3, extensions),
    )  # fmt: skip


def _signature(private: int, message: bytes) -> bytes:
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        nonce = secrets.randbelow(N - 1) + 1
        point = _times(nonce, G)
        r = point[0] % N if point else 0
        s = pow(nonce, -1, N) * (digest + r * private) % N
        if r and s:
            return _sequence(_integer(r), _integer(s))


def _times(factor: int, point: Point) -> Point:
    found: Point = None
    while factor:
        if factor & 1:
            found = _plus(found, point)
        point = _plus(point, point)
        factor >>= 1
    return found


def _plus(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    (x, y), (u, v) = one, other
    if x == u:
        if (y + v) % P == 0:
            return None
        slope = (3 * x * x + A) * pow(2 * y, -1, P)
    else:
        slope = (v - y) * pow(u - x, -1, P)
    a = (slope * slope - x - u) % P
    return a, (slope * (x - a) - y) % P


def _point(point: Point) -> bytes:
    x, y = point or (0, 0)
    return b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")


def _tag(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _sequence(*parts: bytes) -> bytes:
    return _tag(0x30, b"".join(parts))


def _integer(value: int) -> bytes:
    return _tag(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _bits(content: bytes) -> bytes:
    return _tag(0x03, b"\0" + content)


def _object(written: str) -> bytes:
    first, second, *rest = map(int, written.split("."))
    content = bytearray([40 * first + second])
    for number in rest:
        part = [number & 0x7F]
        while number := number >> 7:
            part.append(0x80 | (number & 0x7F))
        content += bytes(reversed(part))
    return _tag(0x06, bytes(content))


def _time(when: datetime.datetime) -> bytes:
    return _tag(0x17, when.strftime("%y%m%d%H%M%SZ").encode())


def _pem(kind: str, content: bytes) -> str:
    written = base64.b64encode(content).decode()
    lines = [written[n : n + 64] for n in range(0, len(written), 64)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])
