"""What goes into a kit: each file with its place in the archive, and what it is for."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import debian
from ..bases import debian_root
from ..bases.busybox_root import ARCHITECTURES
from ..debian.net import sha256
from ..debian.source import fetch_source
from ..engine.packages import architecture
from ..errors import LabFailed
from ..kubernetes import building
from ..lab.bootstrap import LOCK
from ..messages import text
from ..paths import ROOT, home
from . import wanted, wheels
from .manifest import Target

__all__ = [
    "Content",
    "Say",
    "course",
    "environment",
    "kubernetes",
    "layers",
    "lock",
    "packages",
    "serves",
]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Content:
    """One file: where it lies here, and what the manifest says of it (`File` there)."""

    source: Path
    path: str
    purpose: str
    executable: bool = False
    uses: tuple[str, ...] = ()


def course() -> tuple[str, list[Content]]:
    """Return the clone's commit, ``+`` at its end if it was changed, and the files git knows.

    Raises
    ------
    LabFailed: this is no git clone.
    """
    try:
        commit = _git("rev-parse", "--short=12", "HEAD").strip()
        changed = "+" if _git("status", "--porcelain", "--untracked-files=no") else ""
        names = _git("ls-files", "-z").split("\0")
    except (OSError, subprocess.CalledProcessError):
        raise LabFailed("kit.no_clone", folder=ROOT) from None
    found = [
        Content(ROOT / name, f"course/{name}", "course", bool((ROOT / name).stat().st_mode & 0o100))
        for name in names
        if name and (ROOT / name).is_file()  # a file that was deleted and not committed is not
    ]
    return commit + changed, found


def _git(*words: str) -> str:
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def environment(pythons: Iterable[wheels.Python], lock: str, say: Say) -> list[Content]:
    """Return the wheels of the lock; fetched into the course's folder where they are missing.

    Parameters
    ----------
    lock: the SHA-256 of ``requirements.lock``, which names their folder (`helpers.lab.bootstrap`).

    Raises
    ------
    LabFailed, NotWritable, NoSpace: as for `helpers.kit.wheels.collect`.
    """
    folder = f"wheels/{lock[:16]}"
    found = wheels.collect(pythons, home() / folder, say)
    return [Content(path, f"home/{folder}/{path.name}", "environment") for path in found]


def packages(names: set[str], engines: Iterable[str], say: Say) -> Iterator[Content]:
    """Yield Debian's packages and the indexes that name them, for engines of some architectures.

    Raises
    ------
    DownloadFailed: one could not be fetched.
    """
    place = home() / "debian"
    for engine in engines:
        compiler = "kubernetes" in names and not _built(engine)
        say(text("kit.packages", architecture=engine))
        for suite in wanted.wanted(names, engine, compiler=compiler):
            wish = [package.name for package in suite.packages]
            debs = debian.fetch(wish, suite.suite, engine, progress=lambda x: say(f"  {x}"))
            for name, deb in zip(wish, debs, strict=True):
                path = f"home/debian/pool/{deb.name}"
                yield Content(deb, path, "packages", uses=suite.uses[name])
            yield from _index(place / f"{suite.suite}-{engine}.Packages.xz")
        if compiler:
            source = wanted.kubernetes_source()
            for path in fetch_source(source):
                place = f"home/debian/source/{path.name}"
                yield Content(path, place, "packages", uses=("kubernetes",))
            yield from _index(place / f"{wanted.SUITE}.Sources.xz")
    if "editions" in names:
        yield from _editions(engines)


def _editions(engines: Iterable[str]) -> Iterator[Content]:
    """Yield what images for the platforms are made of that no engine of the class has."""
    for other in sorted(set(ARCHITECTURES) - set(engines)):
        (deb,) = debian.fetch(["busybox-static"], wanted.SUITE, other)
        yield Content(deb, f"home/debian/pool/{deb.name}", "packages", uses=("editions",))
        yield from _index(home() / "debian" / f"{wanted.SUITE}-{other}.Packages.xz")


def _index(path: Path) -> Iterator[Content]:
    for one in (path, path.with_suffix(".InRelease")):
        yield Content(one, f"home/debian/{one.name}", "index")


def layers(names: set[str], engines: Iterable[str]) -> tuple[list[Content], list[str]]:
    """Return the layers of base images that this machine has kept, and the names that it lacks.

    A layer fits the packages that it was made of. If Debian has renewed one of ``lbl/debian:12``
    since, that layer and all that stand on it are of no use on another machine.
    """
    found, lacking = [], []
    for engine in engines:
        chosen = sorted(names & wanted.LAYERS.keys())
        debs = debian_root.packages_of(engine) if chosen else []
        current = not chosen or debian_root.layer_of(debs, engine).there
        for name in chosen:
            pattern = f"{wanted.LAYERS[name]}-{engine}-*.tar.zst"
            kept = sorted((home() / "bases").glob(pattern)) if current else []
            found += [
                Content(path, f"home/bases/{path.name}", "layers", uses=(name,)) for path in kept
            ]
            if not kept:
                lacking.append(f"{name} ({engine})")
    return found, lacking


def kubernetes(names: set[str], engines: Iterable[str]) -> list[Content]:
    """Return the built programs of Kubernetes, where they are wanted and this machine has them."""
    if "kubernetes" not in names or not any(_built(engine) for engine in engines):
        return []
    folder = building.programs()
    assert folder is not None  # it is built: asked above
    return [
        Content(
            path, f"home/kubernetes/{folder.name}/{path.name}", "kubernetes", True, ("kubernetes",)
        )
        for path in sorted(folder.iterdir())
        if path.is_file()
    ]


def _built(engine: str) -> bool:
    return engine == architecture() and building.programs() is not None


def lock() -> str:
    """Return the SHA-256 of this clone's ``requirements.lock``."""
    return sha256(LOCK)


def serves(target: Target) -> str:
    """Return the architecture, as Debian calls it, of an engine on such a machine."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(target.machine, target.machine)
