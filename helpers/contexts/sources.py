"""What a COPY takes out of a build context, and whether BuildKit would find it changed.

Follows ``cache/contenthash/checksum.go`` of github.com/moby/buildkit: a source without a wildcard
is looked up with every link followed; with one, what matches is taken, folders with all they hold.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from .globs import BadPattern, clean, matcher, wild

if TYPE_CHECKING:
    from .listing import Entry

__all__ = ["Sources"]

LINKS = 255  # followed one after the other: a loop has more


class Sources:
    """The files of a snapshot, in an order in which a folder's content stands together."""

    def __init__(self, files: Mapping[str, Entry]) -> None:
        self._files = files

    @cached_property
    def _order(self) -> list[str]:
        return sorted(path.replace("/", "\0") for path in self._files)

    def below(self, folder: str) -> Iterator[str]:
        """Yield the paths of all that lies in ``folder``, at any depth; ``""`` is the context."""
        key = folder.replace("/", "\0")
        start, end = 0, len(self._order)
        if key:
            start = bisect_left(self._order, f"{key}\0")
            end = bisect_left(self._order, f"{key}\1")
        for n in range(start, end):
            yield self._order[n].replace("\0", "/")

    def resolve(self, path: str, last: bool = True) -> tuple[str | None, list[str]]:
        """Follow links; return where ``path`` leads, and the links on the way.

        The first is None if that does not exist; ``""`` is the context itself. ``last=False`` does
        not follow the last part of the path.
        """
        at, todo, links = "", path.split("/"), []
        while todo:
            part = todo.pop(0)
            if part in ("", "."):
                continue
            here = clean(f"/{at}/{part}")[1:]
            entry = self._files.get(here)
            if entry is None and here:
                return None, links
            if entry is not None and entry.kind == "link" and (last or any(todo)):
                links.append(here)
                if len(links) > LINKS:
                    return None, links
                todo = [*entry.digest.split("/"), *todo]
                at = "" if entry.digest.startswith("/") else at
                continue
            at = here
        return at, links

    def taken(self, source: str) -> Iterator[str]:
        """Yield everything that matters to a source: what it takes, and the links on the way."""
        seen: dict[str, None] = {}
        for _, target, links in self._tops(source):
            seen |= dict.fromkeys(links)
            if target is not None:
                seen |= dict.fromkeys((target, *self.below(target)))
        seen.pop("", None)
        yield from seen

    def key(self, source: str) -> str:
        """Return a hash that changes where BuildKit's would; ``""`` if the build fails on it.

        The mode of a folder is left out: BuildKit notes it when the folder is first sent, and does
        not look again. So is the name of what a source without a wildcard takes: only the content
        counts. With a wildcard, the last part of each name that matches counts too.
        """
        parts = []
        for name, target, _ in self._tops(source):
            if target is None:
                return ""
            parts += [name, self._digest(target)]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()

    def _tops(self, source: str) -> Iterator[tuple[str, str | None, list[str]]]:
        """Yield each name that a source means, where it leads, and the links on the way."""
        source = clean(f"/{source}")
        if not wild(source):
            yield "", *self.resolve(source)
            return
        parts = source.split("/")
        fixed = next(n for n, part in enumerate(parts) if wild(part))
        prefix = "/".join(parts[:fixed])
        start, links = self.resolve(prefix)
        if start is None:
            return
        try:
            matches = matcher("/".join(parts[fixed:])).fullmatch
        except BadPattern:
            return
        inside = "\0"  # the folder that was matched last; no path holds this
        for path in self.below(start):
            rest = path[len(start) + 1 :] if start else path
            if not path.startswith(inside) and matches(rest):
                inside = f"{path}/"
                target, more = self.resolve(path)
                yield path.rpartition("/")[2], target, [*links, *more]

    def _digest(self, path: str) -> str:
        """Hash one file, or a folder with all it holds, without the name at the top."""
        entry = self._files.get(path)
        if entry is not None and entry.kind != "dir":
            return f"{entry.kind} {entry.mode:o} {entry.digest}"
        total = hashlib.sha256()
        for each in self.below(path):
            entry = self._files[each]
            mode = 0 if entry.kind == "dir" else entry.mode
            told = f"{each[len(path) :]}\0{entry.kind}\0{mode:o}\0{entry.digest}\0"
            total.update(told.encode("utf-8", "surrogateescape"))
        return f"dir {total.hexdigest()}"
