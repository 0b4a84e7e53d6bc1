"""A kit unpacked; nothing here is outside the standard library.

Each file is checked while it is written, and takes its place only when it is whole: a kit that is
cut off, a full disk or a pulled plug leave nothing half done, and the next run goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ..errors import CourseError, LabFailed, NoSpace, NotWritable
from ..lab.bootstrap import WHOLE, home
from ..messages import text
from .checking import Say, copy, megabytes, opened, verify
from .manifest import File, Manifest, here

__all__ = ["main", "unpack"]

ENVIRONMENT = 1_300_000_000  # bytes that the Python environment takes beside the kit's files
KIT = ".kit"  # as in `helpers.debian.index`, which cannot be imported here


def main(archive: str, arguments: list[str]) -> int:
    """Carry out ``python3 KIT [--course FOLDER] [--check]``; return the exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(prog=Path(archive).name, description=text("kit.help.unpack"))
    parser.add_argument("--check", action="store_true", help=text("kit.help.check"))
    parser.add_argument("--course", type=Path, help=text("kit.help.course"), metavar="FOLDER",
                        default=Path("layer-by-layer"))  # fmt: skip
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        if options.check:
            verify(Path(archive), say)
        else:
            unpack(Path(archive), options.course, say)
        return 0
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def unpack(path: Path, course: Path, say: Say = lambda line: None) -> Manifest:
    """Unpack a kit: the course into a folder, everything else where the course looks for it.

    What is there already, with the same content, is left alone, so a run that was interrupted goes
    on. A course folder that no kit made is left as it is; then only the course's own folder is
    filled.

    Raises
    ------
    BadArchive: as for `verify`.
    LabFailed: no wheels for this Python or machine are in it, or the clone wants others.
    NoSpace, NotWritable: as their names say.
    """
    place, course = home(), course.absolute()
    with opened(path) as (kit, manifest):
        _fits(manifest)
        ours = _ours(manifest, course)
        wanted = [
            (file, _target(file, place, course))
            for file in manifest.files
            if ours or file.path.startswith("home/")
        ]
        for folder, beside in ((place, 0), (course, ENVIRONMENT)):
            _room([(f, t) for f, t in wanted if t.is_relative_to(folder)], folder, beside)
        size = megabytes(sum(file.size for file, _ in wanted))
        say(text("kit.unpacking", count=len(wanted), size=size, home=place))
        if ours:
            with _space(course / KIT):
                course.mkdir(parents=True, exist_ok=True)
                (course / KIT).touch()
        for file, target in wanted:
            with _space(target):
                _place(kit, file, target)
        _believe(manifest, place)
    say(text("kit.unpacked" if ours else "kit.kept", course=course, home=place))
    return manifest


def _fits(manifest: Manifest) -> None:
    mine = here()
    if mine in manifest.targets:
        return
    known = "; ".join(str(target) for target in manifest.targets)
    versions = [t.python for t in manifest.targets
                if (t.system, t.machine) == (mine.system, mine.machine)]  # fmt: skip
    if not versions:
        raise LabFailed("kit.machine", here=mine, known=known)
    raise LabFailed("kit.python", here=mine, known=known, version=versions[0])


def _ours(manifest: Manifest, course: Path) -> bool:
    """Whether the course's files are to be unpacked; False for a clone that wants the same wheels.

    A folder in which a kit has been unpacked before, whole or not, holds the mark ``.kit``.
    """
    if not course.exists():
        return True
    if course.is_dir() and ((course / KIT).exists() or not any(course.iterdir())):
        return True
    lock = course / "requirements.lock"
    if not lock.is_file():
        raise LabFailed("kit.occupied", folder=course)
    if hashlib.sha256(lock.read_bytes()).hexdigest() != manifest.lock:
        raise LabFailed("kit.other_lock", folder=course)
    return False


def _target(file: File, place: Path, course: Path) -> Path:
    top, _, rest = file.path.partition("/")
    return (place if top == "home" else course).joinpath(*rest.split("/"))


def _room(wanted: list[tuple[File, Path]], folder: Path, beside: int) -> None:
    """Refuse to begin where the files, and what comes beside them, cannot fit."""
    while not folder.is_dir():
        folder = folder.parent
    missing = sum(f.size for f, t in wanted if not t.exists())
    needed, free = missing + beside, shutil.disk_usage(folder).free
    if missing and needed > free:
        raise NoSpace("kit.space", folder=folder, needed=megabytes(needed), free=megabytes(free))


@contextlib.contextmanager
def _space(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("kit.full", folder=target.parent) from None
        reason = error.strerror or str(error)
        raise NotWritable("errors.not_writable", folder=target.parent, reason=reason) from None


def _place(kit: zipfile.ZipFile, file: File, target: Path) -> None:
    """Write one file, whole or not at all."""
    if target.is_file() and target.stat().st_size == file.size and _same(target, file.sha256):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as output:
            copy(kit, file, output)
        if file.executable:
            part.chmod(0o755)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _same(path: Path, checksum: str) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == checksum


def _believe(manifest: Manifest, place: Path) -> None:
    """Mark what is whole now: the wheels for the environment, the indexes as those of a kit."""
    for file in manifest.files:
        target = _target(file, place, place)
        if file.purpose == "index" and target.suffix == ".xz":
            target.with_suffix(KIT).touch()
    (place / "wheels" / manifest.lock[:16] / WHOLE).touch()
