"""The key and the certificate of a class: made on the instructor's machine, signed by nobody."""

from __future__ import annotations

import datetime
import re
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

__all__ = ["make", "public"]

_YEARS = 10  # learners compare a fingerprint; no date decides anything


def make() -> bytes:
    """Return a new private key (P-256) and its certificate, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Layer by Layer class")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365 * _YEARS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def public(pem: bytes) -> bytes:
    """Return the certificate in such a file, as DER.

    Raises
    ------
    ValueError: there is none.
    """
    found = re.search("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", pem.decode(), re.S)
    if not found:
        raise ValueError("no certificate")
    return ssl.PEM_cert_to_DER_cert(found[0])
