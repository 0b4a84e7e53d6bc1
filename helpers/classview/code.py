"""The code that joins a class: where the instructor's machine is, a secret, and whom to trust.

``192.168.1.20:8765/7K3M-Q0XW-…``: an address and 24 letters that can be read off a wall. The first
eight are the class's secret. The other sixteen are the beginning of the certificate's SHA-256: a
learner's machine sends nothing to a machine that shows another certificate, so that no authority
has to vouch for it. (80 bits: to make a certificate that has a given beginning takes about 2^80
tries.)
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from ..errors import ClassFailed

__all__ = ["Code", "fingerprint", "new_secret", "read"]

# Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O and U, so that nothing
# looks like something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VARIABLE = "LAYER_BY_LAYER_CLASS"  # a code, where a classroom's server gives learners a machine
SECRET, FINGERPRINT = 8, 16  # letters, of five bits each
_GROUP = 4
_FORM = re.compile(
    r"(?:https://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>\d{1,5})[/#]"
    r"(?P<letters>[0-9A-Za-z\s-]+)"
)


@dataclass(frozen=True)
class Code:
    """Where to report, and how; ``str()`` of it is what learners type.

    Parameters
    ----------
    host: an IP address or a name.
    secret: proves to the instructor's machine that this learner was given the code.
    fingerprint: proves to the learner's machine that this is the instructor's.
    """

    host: str
    port: int
    secret: str
    fingerprint: str

    def __str__(self) -> str:
        letters = self.secret + self.fingerprint
        groups = [letters[n : n + _GROUP] for n in range(0, len(letters), _GROUP)]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}/{'-'.join(groups)}"


def read(words: str) -> Code:
    """Return the code that somebody typed; case, spaces and hyphens in the letters do not matter.

    Raises
    ------
    ClassFailed: it does not look like one.
    """
    found = _FORM.fullmatch(str(words).strip())
    letters = re.sub(r"[\s-]", "", found["letters"]).upper() if found else ""
    letters = letters.translate(str.maketrans("OIL", "011"))
    right = found and len(letters) == SECRET + FINGERPRINT and set(letters) <= set(ALPHABET)
    if not right or not 0 < int(found["port"]) < 65_536:
        raise ClassFailed("classview.bad_code", code=str(words)[:80])
    host = found["host"].strip("[]")
    return Code(host, int(found["port"]), letters[:SECRET], letters[SECRET:])


def new_secret() -> str:
    """Return a secret at random: 40 bits, at a server that answers a few times a second only."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SECRET))


def fingerprint(certificate: bytes) -> str:
    """Return the letters for a certificate (DER)."""
    number = int.from_bytes(hashlib.sha256(certificate).digest(), "big") >> (256 - 5 * FINGERPRINT)
    return "".join(ALPHABET[number >> 5 * n & 31] for n in reversed(range(FINGERPRINT)))
