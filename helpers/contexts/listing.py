"""List a build context as BuildKit's client does: what is sent, with its state on the disk.

Follows ``filter.go`` of github.com/tonistiigi/fsutil: a folder that is left out is looked into if
an exception could lie in it, and is sent if one does. Links are not followed.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from .ignore import Ignore, State

__all__ = ["Entry", "Listing", "Stat", "listed"]

Stat = tuple[int, int, int, int, int]  # size, mtime, ctime (nanoseconds), inode, mode

KINDS = {
    stat.S_IFLNK: "link", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device", stat.S_IFBLK: "device",
}  # fmt: skip
LINK_MODE = 0o777  # of every link, whatever the system says


class Entry(NamedTuple):
    """One path of a build context.

    Fields
    ------
    kind: ``"file"``, ``"dir"``, ``"link"``, ``"fifo"``, ``"socket"`` or ``"device"``.
    mode: permission bits, setuid, setgid and sticky bits included.
    digest: of a file, the SHA-256 of its content in hex (``""`` if it could not be read); of a
        link, what it names; of a device, its number; else ``""``.
    size: of a file, in bytes.
    """

    kind: str
    mode: int
    digest: str = ""
    size: int = 0


@dataclass
class Listing:
    """What was found; paths are relative to the context, with ``/``.

    Fields
    ------
    files: regular files and their states.
    others: everything else.
    unreadable: folders and links that could not be read; a build fails on them.
    """

    files: dict[str, Stat] = field(default_factory=dict)
    others: dict[str, Entry] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def listed(folder: str, ignore: Ignore) -> Listing:
    """Look at everything in ``folder`` that belongs to the context."""
    found = Listing()
    files, others = found.files, found.others
    left_out: dict[str, Entry] = {}
    rules, simple = bool(ignore), ignore.simple
    out, below = False, ignore.start
    stack: list[tuple[str, str, State]] = [("", folder, below)]
    while stack:
        prefix, where, state = stack.pop()
        try:
            entries = os.scandir(where)
        except (FileNotFoundError, NotADirectoryError):  # gone since it was listed
            continue
        except OSError:
            if prefix[:-1] not in left_out:
                found.unreadable.append(prefix[:-1])
            continue
        with entries:
            for entry in entries:
                path = prefix + entry.name
                if simple:
                    if simple(path):
                        continue
                elif rules:
                    out, below = ignore.enter(path, state)
                    closed = out and ignore.closed(path)
                    if closed or (out and not entry.is_dir(follow_symlinks=False)):
                        continue
                try:
                    status = entry.stat(follow_symlinks=False)
                except OSError:  # gone since it was listed
                    continue
                mode = status.st_mode
                kind = mode & 0o170000
                if kind == 0o100000:  # a regular file: nearly all are, and there may be 100,000
                    files[path] = (
                        status.st_size,
                        status.st_mtime_ns,
                        status.st_ctime_ns,
                        status.st_ino,
                        mode,
                    )
                elif kind == 0o040000:
                    (left_out if out else others)[path] = Entry("dir", mode & 0o7777)
                    stack.append((f"{path}/", entry.path, below))
                else:
                    _special(found, path, entry.path, status)
    if left_out:
        _parents(found, left_out)
    return found


def _special(found: Listing, path: str, where: str, status: os.stat_result) -> None:
    kind, mode = KINDS.get(stat.S_IFMT(status.st_mode), "other"), status.st_mode & 0o7777
    what = ""
    if kind == "link":
        try:
            mode, what = LINK_MODE, str(Path(where).readlink())
        except FileNotFoundError:
            return
        except OSError:
            found.unreadable.append(path)
    elif kind == "device":
        what = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    found.others[path] = Entry(kind, mode, what)


def _parents(found: Listing, left_out: dict[str, Entry]) -> None:
    """Add the folders that are left out themselves, and hold something that is not."""
    for path in [*found.files, *found.others]:
        parent = path.rpartition("/")[0]
        while parent in left_out:
            found.others[parent] = left_out.pop(parent)
            parent = parent.rpartition("/")[0]
