"""A snapshot of a build context as it would be after an edit, without touching a file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from .globs import clean
from .ignore import Ignore
from .listing import Entry
from .snapshots import Snapshot, snapshot

__all__ = ["overlay"]

Content = bytes | str | None


def overlay(now: Snapshot, changes: Mapping[str, Content], modes: Mapping[str, int]) -> Snapshot:
    """Return ``now`` with the changes; see `Snapshot.overlay`."""
    changes = {_path(path): content for path, content in changes.items()}
    base = _ruled(now, changes)
    edit = _Edit(base)
    for path, content in changes.items():
        if content is None:
            edit.remove(path)
        else:
            edit.write(path, content.encode() if isinstance(content, str) else content)
    for path, mode in modes.items():
        edit.chmod(_path(path), mode)
    return replace(base, files=edit.files)


def _path(path: str) -> str:
    return clean(f"/{path}")[1:]


def _ruled(now: Snapshot, changes: Mapping[str, Content]) -> Snapshot:
    """Return the snapshot under the rules that hold after the changes."""
    if not any(name in changes for name in Ignore.files(now.dockerfile)):
        return now

    def read(name: str) -> bytes | None:
        if name in changes:
            content = changes[name]
            return content.encode() if isinstance(content, str) else content
        with contextlib.suppress(OSError):
            return (now.folder / name).read_bytes() if now.folder else None
        return None

    rules = Ignore.chosen(read, now.dockerfile)
    if rules == now.ignore:
        return now
    if now.folder is None:  # what was left out then cannot be found again
        files = {path: e for path, e in now.files.items() if not rules.excludes(path)}
        return replace(now, files=files, ignore=rules)
    other = snapshot(now.folder, now.dockerfile, ignore=rules)
    files = {path: now.files.get(path, entry) for path, entry in other.files.items()}
    return replace(other, files=files)


class _Edit:
    """The files of a snapshot, to be changed one after the other."""

    def __init__(self, base: Snapshot) -> None:
        self.files = dict(base.files)
        self._ignore, self._folder = base.ignore, base.folder

    def remove(self, path: str) -> None:
        path = self._led(path, last=False)
        for each in [each for each in self.files if each == path or each.startswith(f"{path}/")]:
            del self.files[each]
        self._prune(path)

    def write(self, path: str, content: bytes) -> None:
        path = self._led(path)
        if not path or self._ignore.excludes(path):
            return
        old = self.files.get(path)
        if old is not None and old.kind == "dir":
            self.remove(path)
        self._parents(path)
        mode = old.mode if old is not None and old.kind == "file" else 0o644
        self.files[path] = Entry("file", mode, hashlib.sha256(content).hexdigest(), len(content))

    def chmod(self, path: str, mode: int) -> None:
        path = self._led(path)
        if path in self.files:
            self.files[path] = self.files[path]._replace(mode=stat.S_IMODE(mode))

    def _led(self, path: str, last: bool = True) -> str:
        """Follow links, as a program does that opens the file; a path that leads nowhere stays."""
        found, _ = Snapshot(self.files)._sources.resolve(path, last)
        return path if found is None else found

    def _parents(self, path: str) -> None:
        """Make the folders that ``path`` needs; one that is there, and left out, has a mode."""
        parent = path.rpartition("/")[0]
        entry = self.files.get(parent)
        if not parent or (entry is not None and entry.kind == "dir"):
            return
        mode = 0o755
        if self._folder is not None and parent not in self.files:
            with contextlib.suppress(OSError):
                status = os.lstat(Path(self._folder, parent))
                mode = stat.S_IMODE(status.st_mode) if stat.S_ISDIR(status.st_mode) else mode
        self.files[parent] = Entry("dir", mode)
        self._parents(parent)

    def _prune(self, path: str) -> None:
        """Drop the folders above that are left out, and were sent for the sake of ``path`` only."""
        while parent := path.rpartition("/")[0]:
            held = any(each.startswith(f"{parent}/") for each in self.files)
            if held or not self._ignore.excludes(parent):
                return
            self.files.pop(parent, None)
            path = parent
