"""Source packages: which files they are made of, fetched and held against Debian's sums."""

from __future__ import annotations

import lzma
import re
from dataclasses import dataclass
from pathlib import Path

from debian.deb822 import Sources

from ..errors import DownloadFailed
from ..paths import home
from .index import current
from .net import download, mirror

__all__ = ["Source", "fetch_source", "source"]

ARCHIVES = r"\.orig(-[\w-]+)?\.tar\.\w+$|\.debian\.tar\.\w+$"


@dataclass(frozen=True)
class Source:
    """One source package: its version and its archives, as addresses with SHA-256 and size."""

    name: str
    version: str
    files: tuple[tuple[str, str, int], ...]


def source(name: str, suite: str = "bookworm") -> Source:
    """Return the source package ``name`` of a suite.

    Raises
    ------
    DownloadFailed: the index could not be fetched, or holds no such package.
    """
    path = home() / "debian" / f"{suite}.Sources.xz"
    if not current(suite, "main/source/Sources.xz", path):
        raise DownloadFailed("debian.missing", name=name, suite=suite)
    content = lzma.decompress(path.read_bytes()).decode()
    found = re.search(rf"^Package: {re.escape(name)}\n(?:.+\n)*", content, re.MULTILINE)
    if not found:
        raise DownloadFailed("debian.missing", name=name, suite=suite)
    fields = Sources(found[0])
    return Source(
        name,
        fields["Version"],
        tuple(
            (f"{mirror()}/{fields['Directory']}/{file['name']}", file["sha256"], int(file["size"]))
            for file in fields["Checksums-Sha256"]
            if re.search(ARCHIVES, file["name"])
        ),
    )


def fetch_source(found: Source) -> list[Path]:
    """Return a source package's archives, fetched into the cache where they are missing.

    Raises
    ------
    DownloadFailed: one could not be fetched, or has another checksum.
    """
    folder = home() / "debian" / "source"
    return [
        download(address, folder / address.rpartition("/")[2], checksum)
        for address, checksum, _ in found.files
    ]
