"""``make kit``: everything fetched, written into one archive, and the archive read again."""

from __future__ import annotations

import contextlib
import datetime
import errno
import hashlib
import os
import shutil
import stat
import time
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from .. import bases, engine
from ..authoring.machine import MAKERS
from ..engine.packages import architecture
from ..errors import CourseError, LabFailed, NoSpace, NotWritable
from ..install import server
from ..messages import text
from ..paths import home
from ..text import size
from . import contents, wanted, wheels
from .checking import verify
from .contents import Content, Say
from .manifest import ENTRY, NAME, File, Manifest

__all__ = ["PURPOSES", "make", "write"]

PURPOSES = ("course", "environment", "index", "packages", "layers", "kubernetes")
BLOCK = 1 << 18
STORED = (".deb", ".whl", ".xz", ".zst", ".gz", ".png", ".otf")  # compressed already
# Python before 3.13 starts no archive with the fields that larger ones need (zip64).
LARGEST = 4_000_000_000


def make(
    file: Path,
    *,
    lessons: Iterable[str] = (),
    pythons: Iterable[wheels.Python] = (),
    layers: bool = True,
    say: Say = lambda line: None,
) -> Manifest:
    """Make a kit, whole or not at all, and return its manifest.

    What was fetched stays in the course's folder, so a run that was interrupted goes on there.

    Parameters
    ----------
    file: the archive.
    lessons: numbers; all lessons without any.
    pythons: whose wheels it holds; this machine's without any.
    layers: make the base images that this machine has not kept, for engines like its own; else
        only those that it has are taken.

    Raises
    ------
    LabFailed: no clone, no wheel for a Python, or the archive would be too large.
    DownloadFailed, NotFound, NoSpace, NotWritable: as their names say.
    """
    file = file.absolute()
    chosen = wanted.lessons(lessons)
    known = list(pythons) or [wheels.this()]
    names = {name for folder in chosen for name in wanted.needs(folder)}
    engines = sorted({contents.serves(python.target) for python in known})
    with FileLock(home() / "kit.lock"):
        commit, files = contents.course()
        lock = contents.lock()
        files += contents.environment(known, lock, say)
        files += contents.packages(names, engines, say)
        if layers and architecture() in engines:
            _made(names, say)
        kept, lacking = contents.layers(names, engines)
        files += kept
        if lacking:
            say(text("kit.no_layers", names=", ".join(lacking)))
        files += contents.kubernetes(names, engines)
        said = {
            "made": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}",
            "commit": commit,
            "lock": lock,
            "lessons": tuple(folder.name.partition("-")[0] for folder in chosen),
            "architectures": tuple(engines),
            "targets": tuple(python.target for python in known),
        }
        part = file.with_name(f"{file.name}.part")
        with _written(part):
            say(text("kit.writing", file=file))
            unique = {content.path: content for content in files}
            manifest = write(part, unique.values(), said)
            verify(part)
            part.replace(file)
    _tell(file, manifest, say)
    return manifest


def _made(names: set[str], say: Say) -> None:
    """Make the base images whose layer is not kept here, on the engine that there is."""
    if not contents.layers(names, [architecture()])[1]:
        return
    own = engine.Private()
    ran = own.running
    try:
        keep_layers(engine.connect(), names, say)
    except CourseError as error:
        say(text("kit.not_made", reason=error.what))
    finally:
        if not ran and own.running:
            own.stop()


def keep_layers(daemon: engine.Engine, names: set[str], say: Say) -> None:
    """Make the base images whose layer is not kept here, so that it is.

    Parameters
    ----------
    names: as `wanted.needs` gives them; those of which no layer is kept are passed over.

    Raises
    ------
    DownloadFailed, EngineFailed, NoSpace, …: as for every base image.
    """
    _, lacking = contents.layers(names, [architecture()])
    makers = {**{n: getattr(bases, n) for n in wanted.LAYERS if hasattr(bases, n)}, **MAKERS,
              "server": server.server}  # fmt: skip
    for name in sorted(names & wanted.LAYERS.keys()):
        if f"{name} ({architecture()})" in lacking:
            say(text("kit.making", name=name))
            makers[name](daemon)


@contextlib.contextmanager
def _written(part: Path) -> Iterator[None]:
    try:
        yield
    except zipfile.LargeZipFile:
        raise LabFailed("kit.large", limit=size(LARGEST)) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("kit.full", folder=part.parent) from None
        reason = error.strerror or str(error)
        raise NotWritable("errors.not_writable", folder=part.parent, reason=reason) from None
    finally:
        part.unlink(missing_ok=True)


def write(part: Path, files: Iterable[Content], said: Mapping[str, Any]) -> Manifest:
    """Write the archive, and return its manifest.

    Parameters
    ----------
    said: what the manifest says beside its files.

    Raises
    ------
    NoSpace, LabFailed: it does not fit, on the disk or into what every Python can start.
    """
    files = list(files)
    total = sum(content.source.stat().st_size for content in files)
    packed = sum(content.source.stat().st_size for content in files if _stored(content))
    free = shutil.disk_usage(part.parent).free
    if packed > free:
        raise NoSpace("kit.room", folder=part.parent, needed=size(total), free=size(free))
    if packed > LARGEST:
        raise LabFailed("kit.large", limit=size(LARGEST))
    written = []
    with part.open("w+b") as output:
        output.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(output, "w", allowZip64=False) as kit:
            _member(kit, ENTRY, Path(__file__).with_name("entry.py").read_bytes())
            for content in sorted(files, key=lambda one: PURPOSES.index(one.purpose)):
                written.append(_add(kit, content))
            manifest = Manifest(files=tuple(written), **said)
            _member(kit, NAME, manifest.dump())
        os.fsync(output.fileno())
    part.chmod(0o755)
    return manifest


def _member(kit: zipfile.ZipFile, name: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(name, time.gmtime()[:6])
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (stat.S_IFREG | 0o644) << 16
    kit.writestr(entry, data)


def _stored(content: Content) -> bool:
    return content.source.suffix in STORED


def _add(kit: zipfile.ZipFile, content: Content) -> File:
    """Copy one file into the archive, and take its sum on the way."""
    entry = zipfile.ZipInfo(content.path, time.gmtime()[:6])
    entry.compress_type = zipfile.ZIP_STORED if _stored(content) else zipfile.ZIP_DEFLATED
    mode = 0o755 if content.executable else 0o644
    entry.external_attr = (stat.S_IFREG | mode) << 16
    entry.file_size = content.source.stat().st_size
    found, count = hashlib.sha256(), 0
    with content.source.open("rb") as source, kit.open(entry, "w") as target:
        while block := source.read(BLOCK):
            found.update(block)
            target.write(block)
            count += len(block)
    return File(content.path, count, found.hexdigest(), content.purpose, content.executable,
                content.uses)  # fmt: skip


def _tell(file: Path, manifest: Manifest, say: Say) -> None:
    """Say what a finished kit is: its parts, what it fits, its sum, what it does not do."""
    sizes: Counter[str] = Counter()
    for one in manifest.files:
        sizes[one.purpose] += one.size
    counts = Counter(one.purpose for one in manifest.files)
    for purpose in PURPOSES:
        if counts[purpose]:
            what = text(f"kit.purpose.{purpose}")
            say(text("kit.part", what=what, count=counts[purpose], size=size(sizes[purpose])))
    with file.open("rb") as opened:
        checksum = hashlib.file_digest(opened, "sha256").hexdigest()
    fits = "; ".join(str(target) for target in manifest.targets)
    say(text("kit.done", file=file, size=size(file.stat().st_size), sum=checksum, fits=fits,
             lessons=", ".join(manifest.lessons), name=file.name))  # fmt: skip
    needed = {name for folder in wanted.lessons(manifest.lessons) for name in wanted.needs(folder)}
    if "kubernetes" in needed and not counts["kubernetes"]:
        say(text("kit.compile"))
    for key in ("aws", "kubernetes"):
        if key in needed:
            say(text(f"kit.online.{key}"))
