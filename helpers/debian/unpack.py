"""Open and unpack ``.deb`` files."""

from __future__ import annotations

import contextlib
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from debian.debfile import DebFile

from ..paths import writable


@contextlib.contextmanager
def members(deb: Path) -> Iterator[tarfile.TarFile]:
    """Open the tar archive of the files that a package installs."""
    with DebFile(str(deb)) as package:
        yield package.data.tgz()


def unpack(debs: Iterable[Path], folder: Path) -> Path:
    """Extract the files of packages below ``folder`` without running their scripts.

    Nothing is written outside ``folder``: paths are checked as `tarfile`'s ``tar`` filter does.
    """
    writable(folder)
    for deb in debs:
        with members(deb) as archive:
            if hasattr(tarfile, "tar_filter"):
                archive.extractall(folder, filter="tar")
            else:
                _extract(archive, folder)
    return folder


def _extract(archive: tarfile.TarFile, folder: Path) -> None:
    """Do what the ``tar`` filter does, for Python before 3.11.4: Debian 12's own is 3.11.2."""
    root = folder.resolve()
    for member in archive:
        member.name = member.name.lstrip("/")
        if not (root / member.name).resolve().is_relative_to(root):
            raise tarfile.TarError(f"{member.name} lies outside {folder}")
        member.mode &= 0o755
        archive.extract(member, root)
