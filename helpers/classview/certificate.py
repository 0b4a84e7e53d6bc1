"""Keys and certificates of a class: made on the instructor's machine, signed by nobody."""

from __future__ import annotations

import datetime
import ipaddress
import re
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["make", "public"]

TEN_YEARS = 3650  # learners compare a fingerprint; no date decides anything


def make(
    name: str = "Layer by Layer class", days: int = TEN_YEARS, address: str | None = None
) -> tuple[bytes, bytes]:
    """Return a new private key (P-256) and its certificate, each as PEM.

    Parameters
    ----------
    name: whose certificate it is.
    days: how long it is good.
    address: of the server, for browsers; they believe no certificate without one.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))  # a laptop's clock may be behind
        .not_valid_after(now + datetime.timedelta(days=days))
    )
    if address:
        reached = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        builder = (
            builder.add_extension(reached, False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    signed = builder.sign(key, hashes.SHA256())
    return private, signed.public_bytes(serialization.Encoding.PEM)


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
