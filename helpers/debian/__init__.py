"""Debian packages without a package manager: found, checked, fetched and unpacked in Python.

The course makes its engine, its base images and its test browser from Debian's packages, on any
client platform, without changing the system. What is fetched is held against the SHA-256 sums of
Debian's own index (https://wiki.debian.org/DebianRepository/Format); the index is signed, and the
signature is checked with ``gpgv`` where that and Debian's keyring are installed.
"""

from .fetch import fetch
from .index import Index, Package, load
from .unpack import members, unpack

__all__ = ["Index", "Package", "fetch", "load", "members", "unpack"]
