"""A build context, file by file, as BuildKit looks at it.

``snapshot(folder)`` takes what a build would be sent: `Snapshot.changes` tells two of them apart,
`Snapshot.select` says which files a COPY takes, `Snapshot.key` whether BuildKit would find them
changed, and `Snapshot.overlay` what it all would be after an edit.

What counts for BuildKit is the content of a file, its permission bits, what a link names, and the
names in a folder. Owner and times do not count, nor which of two names is the hard link. Measured
in ``tests/contexts/test_keys.py``; there is also what BuildKit overlooks: a folder's new mode,
and new content of the same size with the old time of change.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import orjson

from ..errors import NotFound
from . import digests
from .ignore import Ignore
from .listing import Entry, Listing, Stat, listed
from .sources import Sources
from .weight import remarks

__all__ = ["Entry", "How", "Snapshot", "snapshot", "warnings"]

How = Literal["added", "removed", "changed", "mode"]


@dataclass(frozen=True)
class Snapshot:
    """What a build context held at one moment.

    Fields
    ------
    files: everything that is sent, by its path in the context with ``/``. Bytes of a name that are
        no UTF-8 are surrogates, as ``os.fsdecode`` makes them.
    ignore: the rules that left files out.
    folder: the context; None if it is not known any more.
    dockerfile: the path of the Dockerfile in the context.
    unreadable: paths that could not be read, on which a build fails.
    """

    files: Mapping[str, Entry] = field(default_factory=dict)
    ignore: Ignore = field(default_factory=Ignore)
    folder: Path | None = field(default=None, compare=False)
    dockerfile: str = field(default="Dockerfile", compare=False)
    unreadable: tuple[str, ...] = field(default=(), compare=False)

    def changes(self, later: Snapshot) -> tuple[tuple[str, How], ...]:
        """Return what differs in ``later``: paths and how, sorted by path.

        A file with another content and another mode is ``"changed"``; ``"mode"`` is the mode alone.
        """
        before, after = self.files, later.files
        found: list[tuple[str, How]] = [(path, "removed") for path in before.keys() - after.keys()]
        found += [(path, "added") for path in after.keys() - before.keys()]
        for path, entry in before.items():
            other = after.get(path)
            if other is not None and other != entry:
                same = other.kind == entry.kind and other.digest == entry.digest
                found.append((path, "mode" if same and other.size == entry.size else "changed"))
        return tuple(sorted(found))

    def select(self, source: str) -> tuple[str, ...]:
        """Return the paths that a source of COPY takes, sorted.

        A folder is taken with everything in it. ``*`` and ``?`` do not cross a ``/``. A link that
        is named is followed: both it and what it leads to are among the paths.
        """
        return tuple(sorted(self._sources.taken(source)))

    def key(self, source: str) -> str:
        """Return a hash that is another one if, and only if, BuildKit's cache misses a COPY of it.

        ``""`` if the source does not exist, so that the build fails. The mode of a folder does not
        count (see above).
        """
        return self._sources.key(source)

    @cached_property
    def _sources(self) -> Sources:
        return Sources(self.files)

    @cached_property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(entry.size for entry in self.files.values())

    def overlay(
        self,
        changes: Mapping[str, bytes | str | None],
        modes: Mapping[str, int] | None = None,
    ) -> Snapshot:
        """Return the snapshot as if files had been edited.

        Parameters
        ----------
        changes: the new content by path; None removes the file, or the folder with all it holds. A
            new file has mode 0o644 and gets the folders that it needs (0o755); an existing one
            keeps its mode. A path that is left out changes nothing; a new ``.dockerignore`` does.
        modes: new permission bits by path.

        Raises
        ------
        BuildFailed: a pattern of the new ``.dockerignore`` is malformed.
        """
        from .overlay import overlay  # it makes snapshots itself

        return overlay(self, changes, modes or {})

    def pack(self) -> bytes:
        """Return the snapshot as bytes, for `unpack`."""
        kinds = sorted({entry.kind for entry in self.files.values()})
        rules = "\n".join(f"{'!' * p.exception}{p.text}" for p in self.ignore.patterns)
        head = {
            "kinds": kinds,
            "rules": os.fsencode(rules).hex(),
            "file": self.ignore.file,
            "folder": os.fsencode(self.folder or "").hex(),
            "dockerfile": self.dockerfile,
        }
        entries = self.files.values()
        numbers = (
            [kinds.index(entry.kind) for entry in entries],
            [entry.mode for entry in entries],
            [entry.size for entry in entries],
        )
        texts = [
            orjson.dumps(head).decode(),
            *self.files,
            *(entry.digest for entry in entries),
            *self.unreadable,
        ]
        return digests.columns(numbers, texts)

    @classmethod
    def unpack(cls, data: bytes) -> Snapshot:
        """Return the snapshot that `pack` packed; ValueError if the data is damaged."""
        (kinds, modes, sizes), (head, *texts) = digests.rows(data, 3)
        told, count = orjson.loads(head), len(kinds)
        names = [told["kinds"][number] for number in kinds]
        made = map(Entry, names, modes, texts[count : 2 * count], sizes)
        folder = os.fsdecode(bytes.fromhex(told["folder"]))
        return cls(
            dict(zip(texts[:count], made, strict=True)),
            Ignore.parse(os.fsdecode(bytes.fromhex(told["rules"])), told["file"]),
            Path(folder) if folder else None,
            told["dockerfile"],
            tuple(texts[2 * count :]),
        )


def snapshot(
    folder: Path | str,
    dockerfile: str = "Dockerfile",
    *,
    ignore: Ignore | None = None,
    index: Path | None = None,
    warn: Callable[[str], None] | None = None,
) -> Snapshot:
    """Look at a build context. A file that did not change since the last look is not read again.

    Parameters
    ----------
    dockerfile: its path in the context; it decides which ignore file counts.
    ignore: other rules than those of the context's ignore file.
    index: the file in which the digests are kept; by default one of the course's own.
    warn: called with one sentence for each thing that makes builds slow or fail, before any file is
        read.

    Raises
    ------
    NotFound: there is no such folder.
    BuildFailed: a pattern of the ignore file is malformed; the message names file and line.
    """
    folder = Path(folder).absolute()
    if not folder.is_dir():
        raise NotFound("builds.no_context", folder=folder.name)
    rules = Ignore.of(folder, dockerfile) if ignore is None else ignore
    now = time.time_ns()
    found = listed(str(folder), rules)
    if warn:
        sizes = {path: state[0] for path, state in found.files.items()}
        for sentence in remarks(sizes, found.others, folder.name):
            warn(sentence)
    index = index or digests.place(folder)
    files, unreadable = _hashed(folder, found, index, now)
    files |= found.others
    return Snapshot(files, rules, folder, dockerfile, tuple(sorted(found.unreadable + unreadable)))


def warnings(found: Snapshot, shown: str = "") -> tuple[str, ...]:
    """Return one sentence for each thing that makes builds of this context slow, or fail.

    Parameters
    ----------
    shown: how the context is called; default: the name of its folder.
    """
    sizes = {path: entry.size for path, entry in found.files.items() if entry.kind == "file"}
    others = found.files.keys() - sizes.keys()
    folder = shown or (found.folder.name if found.folder else "")
    return tuple(remarks(sizes, sorted(others), folder))


def _hashed(
    folder: Path, found: Listing, index: Path | None, now: int
) -> tuple[dict[str, Entry], list[str]]:
    """Return the entries of all regular files, reading those that are not known, and keep them."""
    known = digests.load(index)
    files: dict[str, Entry] = {}
    fresh: digests.Known = {}
    unreadable: list[str] = []
    linked: dict[Stat, str | None] = {}  # names of one file: the same state
    read = False
    for path, state in found.files.items():
        old = known.get(path)
        if old is not None and old[0] == state:
            fresh[path] = old
            files[path] = old[1]
            continue
        read = True
        if state not in linked:
            linked[state] = digests.content(f"{folder}/{path}")
        digest = linked[state]
        files[path] = Entry("file", state[4] & 0o7777, digest or "", state[0])
        if digest is None:
            unreadable.append(path)
        else:
            fresh[path] = (state, files[path])
    if read or len(fresh) != len(known):
        digests.save(index, fresh, now)
    return files, unreadable
