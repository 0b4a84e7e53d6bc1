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
            archive.extractall(folder, filter="tar")
    return folder
