"""A kit held against its manifest; nothing here is outside the standard library."""

from __future__ import annotations

import contextlib
import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import BadArchive
from ..messages import text
from .manifest import ENTRY, NAME, File, Manifest, parse

__all__ = ["Say", "copy", "megabytes", "opened", "verify"]

BLOCK = 1 << 18
MANIFEST = 32 * 1024 * 1024  # bytes; a whole kit's takes half of one million
Say = Callable[[str], None]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a kit whose members are exactly those of its manifest.

    Raises
    ------
    BadArchive: it is cut off or no kit, holds a file that its manifest does not name, or lacks one.
    """
    with _archive(path) as kit:
        manifest = _manifest(kit, path)
        expected = {file.path: file for file in manifest.files}
        seen = set()
        for member in kit.infolist():
            name, kind = member.filename, stat.S_IFMT(member.external_attr >> 16)
            known = name in (NAME, ENTRY) or name in expected
            if not known or name in seen or kind not in (0, stat.S_IFREG):
                raise BadArchive("kit.stranger", name=name)
            if name in expected and member.file_size != expected[name].size:
                raise BadArchive("kit.damaged", name=name)
            seen.add(name)
        if lacking := sorted(expected.keys() - seen):
            raise BadArchive("kit.lacks", name=lacking[0], count=len(lacking))
        yield kit, manifest


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise BadArchive("kit.cut", file=path) from None
    except OSError as error:
        raise BadArchive("kit.none", file=path, reason=error.strerror or error) from None


def _manifest(kit: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        if kit.getinfo(NAME).file_size > MANIFEST:
            raise BadArchive("kit.format")
        content = kit.read(NAME)
    except (KeyError, zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError):
        raise BadArchive("kit.cut", file=path) from None
    return parse(content)


def verify(path: Path, say: Say = lambda line: None) -> Manifest:
    """Hold every file of a kit against its SHA-256, and write nothing.

    Raises
    ------
    BadArchive: as for `opened`, or a file is not what the manifest says.
    """
    with opened(path) as (kit, manifest):
        say(
            text(
                "kit.checking", file=path, count=len(manifest.files), size=megabytes(manifest.size)
            )
        )
        for file in manifest.files:
            copy(kit, file, None)
    say(text("kit.whole", made=manifest.made, lessons=", ".join(manifest.lessons)))
    return manifest


def copy(kit: zipfile.ZipFile, file: File, output: BinaryIO | None) -> None:
    """Read one member to its end, into ``output`` if there is one; its sum must be the promised."""
    found = hashlib.sha256()
    try:
        with kit.open(file.path) as source:
            while block := source.read(BLOCK):
                found.update(block)
                if output:
                    output.write(block)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError):
        raise BadArchive("kit.damaged", name=file.path) from None
    if found.hexdigest() != file.sha256:
        raise BadArchive("kit.damaged", name=file.path)


def megabytes(count: int) -> str:
    """Return a number of bytes in megabytes, for a learner to read."""
    return f"{count / 1e6:,.0f} MB"
