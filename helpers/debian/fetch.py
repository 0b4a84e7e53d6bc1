"""Fetch packages of a suite into the course's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from ..errors import DownloadFailed
from ..paths import home
from . import index
from .net import download, mirror


def fetch(
    names: Iterable[str],
    suite: str = "bookworm",
    architecture: str = "amd64",
    *,
    closure: bool = False,
    without: Iterable[str] = (),
    progress: Callable[[str], None] = lambda line: None,
) -> list[Path]:
    """Return the ``.deb`` files of packages, fetched into the cache where they are missing.

    Parameters
    ----------
    names: binary packages, or virtual ones.
    closure: fetch also what they depend on, but for what is in ``without``.
    progress: called with one line per package that is really fetched.

    Raises
    ------
    DownloadFailed: a package does not exist, cannot be fetched, or has another checksum.
    """
    names = list(names)
    try:
        return _fetch(index.load(suite, architecture), names, closure, without, progress)
    except DownloadFailed as error:
        if error.key == "debian.missing":
            raise
        # The archive drops old versions at a point release: the cached index may be the reason.
        fresh = index.load(suite, architecture, refresh=True)
        return _fetch(fresh, names, closure, without, progress)


def _fetch(
    found: index.Index,
    names: list[str],
    closure: bool,
    without: Iterable[str],
    progress: Callable[[str], None],
) -> list[Path]:
    packages = found.closure(names, without) if closure else [found.package(n) for n in names]
    folder = home() / "debian" / "pool"
    speaking = Lock()

    def one(package: index.Package) -> Path:
        path = folder / Path(package.filename).name
        if not path.exists():
            with speaking:  # lines of several threads would run into one another
                progress(f"{package.name} {package.version} ({package.size / 1e6:.1f} MB)")
        return download(f"{mirror()}/{package.filename}", path, package.sha256)

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, packages))
