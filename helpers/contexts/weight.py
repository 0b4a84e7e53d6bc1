"""What makes a build context slow to look at, or a build of it fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ..messages import text
from ..text import size

__all__ = ["FILES", "SIZE", "remarks"]

FILES = 10_000  # more than these are warned of
SIZE = 100_000_000  # bytes: of the context, and of one file


def remarks(sizes: Mapping[str, int], others: Iterable[str], folder: str) -> Iterator[str]:
    """Yield one sentence for each thing to warn of.

    Parameters
    ----------
    sizes: bytes of each file, by its path.
    others: the paths of what is no file.
    folder: how the context is called in the sentences.
    """
    large = [path for path, count in sizes.items() if count > SIZE]
    for path in sorted(large):
        yield text("contexts.file", folder=folder, file=path, size=size(sizes[path]))
    total = sum(sizes.values())
    if total > SIZE and not large:
        top, held = _largest(sizes.items())
        if held * 3 > total:
            yield text("contexts.size", folder=folder, size=size(total), path=top, held=size(held))
        else:
            yield text("contexts.sizes", folder=folder, size=size(total))
    if (total := len(sizes)) > FILES:
        top, held = _largest((path, 1) for path in sizes)
        count = f"{total:,}"
        if held * 3 > total:
            part = f"{held:,}"
            yield text("contexts.files", folder=folder, count=count, path=top, held=part)
        else:
            yield text("contexts.many", folder=folder, count=count)
    for path in (*sizes, *others):
        if not path.isascii() and not _is_utf8(path):
            yield text("contexts.name", folder=folder, file=path)


def _largest(parts: Iterable[tuple[str, int]]) -> tuple[str, int]:
    """Return the file or folder of the first level that holds most, and how much."""
    sums: Counter[str] = Counter()
    for path, amount in parts:
        sums[path.partition("/")[0]] += amount
    return sums.most_common(1)[0]


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
