"""Bring a folder back to the state that the course ships, and lose nothing of the learner's."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..bases.archive import EPOCH
from ..errors import NoSpace, NotWritable
from ..paths import writable

__all__ = ["keep_edits", "note_written", "restore"]

# What editors and Python leave behind: nobody's work, and no part of a build context.
LITTER = {".ipynb_checkpoints", "__pycache__", ".DS_Store"}


def restore(shipped: Path, folder: Path) -> list[Path]:
    """Make ``folder`` hold exactly the files of ``shipped``; return where edited ones went.

    Files that differ and files that are not shipped are moved to the folder ``<folder>.yours``,
    under the same name, numbered if that one is taken by another content. Times and modes are
    fixed, so that a layer that copies a file has the same diff ID wherever it is built.

    Raises
    ------
    NotWritable, NoSpace: the folder cannot be written; nothing of the learner's is lost then.
    """
    try:
        writable(folder)
        _sweep(folder)
        kept = keep_edits(shipped, folder, list(_files(folder)))
        shutil.rmtree(_written(folder), ignore_errors=True)
        for source in _files(shipped):
            _copy(shipped / source, folder / source)
        for place in (p for p in sorted(folder.rglob("*"), reverse=True) if _is_folder(p)):
            if not (shipped / place.relative_to(folder)).is_dir():
                place.rmdir()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace("errors.no_space", folder=folder) from None
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        raise NotWritable("errors.not_writable", folder=folder, reason=error.strerror) from None
    return kept


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files and links below a folder, relative to it; litter is left out."""
    for place, folders, names in os.walk(folder):
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        folders[:] = sorted(set(folders) - LITTER - set(links))
        for name in sorted((*names, *links)):
            if name not in LITTER:
                yield (Path(place) / name).relative_to(folder)


def _sweep(folder: Path) -> None:
    for litter in [p for p in folder.rglob("*") if p.name in LITTER]:
        shutil.rmtree(litter, ignore_errors=True) if _is_folder(litter) else litter.unlink()


def keep_edits(shipped: Path, folder: Path, paths: list[Path]) -> list[Path]:
    """Move those of ``paths`` that the learner edited out of ``folder``; return where they went.

    What the course itself wrote (`note_written`) is nobody's edit: it is only taken away.
    """
    kept = []
    for path in paths:
        if _same(shipped / path, folder / path):
            continue
        if _same(_written(folder) / path, folder / path):
            (folder / path).unlink()
        else:
            kept.append(_keep(folder, path))
    return kept


def note_written(folder: Path, path: Path) -> None:
    """Remember that the course wrote what is now in the file ``path`` of a context."""
    copy = _written(folder) / path.relative_to(folder)
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, copy)


def _written(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.written")


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _keep(folder: Path, path: Path) -> Path:
    safe = folder.with_name(f"{folder.name}.yours")
    target, number = safe / path, 1
    while os.path.lexists(target):
        if _same(target, folder / path):
            (folder / path).unlink()
            return target
        number += 1
        target = safe / path.with_name(f"{path.name}.{number}")
    target.parent.mkdir(parents=True, exist_ok=True)
    (folder / path).replace(target)
    return target


def _copy(source: Path, target: Path) -> None:
    if _is_folder(target):  # a folder of the learner's, emptied by now
        shutil.rmtree(target)
    elif target.parent.is_file() or target.parent.is_symlink():
        target.parent.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.unlink(missing_ok=True)
        target.symlink_to(source.readlink())
        return
    if not _same(source, target):
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        shutil.copyfile(source, part)
        part.replace(target)
    target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
    os.utime(target, (EPOCH, EPOCH))


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
