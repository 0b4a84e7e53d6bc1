"""The certificate of a class's front door: made here, and known by its fingerprint."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ..classview.certificate import make
from .settings import ClassroomError

__all__ = ["ensure", "fingerprint"]

DAYS = 90


def ensure(folder: Path, address: str) -> tuple[Path, Path]:
    """Return certificate and key for an address; both are made if they are missing or run out.

    No authority signs it: a browser warns, and learners compare the fingerprint that the instructor
    reads out. A certificate of an authority may be put in the place of these two files.

    Raises
    ------
    ClassroomError: the certificate there cannot be understood.
    """
    certificate, key = folder / "door.crt", folder / "door.key"
    if certificate.exists() and key.exists() and _good(certificate, address):
        return certificate, key
    private, public = make("Layer by Layer classroom", DAYS, address)
    key.touch(0o600)
    key.write_bytes(private)
    certificate.write_bytes(public)
    return certificate, key


def _good(certificate: Path, address: str) -> bool:
    """Whether it is an authority's, which is not ours to replace, or fits and lasts a day."""
    kept = _read(certificate)
    if kept.issuer != kept.subject:
        return True
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    try:
        names = kept.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    theirs = [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    return address in theirs and kept.not_valid_after_utc > soon


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 fingerprint as browsers show it: ``3A:9F:…``.

    Raises
    ------
    ClassroomError: it cannot be understood.
    """
    return ":".join(f"{byte:02X}" for byte in _read(certificate).fingerprint(hashes.SHA256()))


def _read(certificate: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:
        raise ClassroomError("classroom.certificate", file=certificate) from None
