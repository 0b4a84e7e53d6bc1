"""Base images of one more layer: Debian's packages installed on ``lbl/debian:12``, without a pull.

The packages are fetched and checked here, put into a container that has no network, and installed
there by dpkg. What its files became makes the layer (`helpers.bases.difference`), and the engine is
given the image as it is given every other: by ``load``. No build, no commit: a build would leave
records in the builder that nobody asked for, and both would stamp times into the layer.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, BinaryIO

import docker
from debian.deb822 import Deb822

from .. import debian as packages
from ..engine import Engine, labels
from ..engine.patience import patient, until
from ..errors import EngineFailed
from ..messages import text
from . import debian_root, dpkg
from .archive import EPOCH, LayerWriter, Recipe, load, room
from .below import saved
from .busybox_root import SUITE
from .difference import difference
from .exported import Chunks
from .keeping import Kept, folder

__all__ = ["extend"]

INSTALL = 300  # seconds for dpkg and the packages' own scripts
ANSWER = 120  # seconds for the daemon to make, fill or remove the container
STATUS = "/var/lib/dpkg/status"
DEBS = "layer-by-layer-debs"  # a folder in the container while the image is made
SCRIPT = """\
set -e
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C
export SOURCE_DATE_EPOCH={epoch}
dpkg {excluded} --install /{debs}/*.deb
dpkg --audit
{script}
# what differs from one making to the next, and what can be made again
rm -rf /{debs} /var/log/* /var/cache/debconf /var/cache/ldconfig /var/lib/dpkg/*-old /tmp/*
find / -xdev -name __pycache__ -prune -exec rm -rf {{}} +
mkdir -p /var/log/apt
"""


def extend(
    engine: Engine,
    recipe: Recipe,
    wanted: Iterable[str],
    files: Callable[[str], Mapping[str, bytes]] = lambda architecture: {},
    *,
    excluded: Iterable[str] = (),
    script: str = "",
) -> str:
    """Make an image of one more layer than ``lbl/debian:12`` and return its name.

    Parameters
    ----------
    wanted: packages; what they depend on and ``lbl/debian:12`` lacks is added.
    files: returns further files for an architecture, by their path without the leading ``/``.
    excluded: patterns of paths that are not installed (``--path-exclude`` of dpkg(1)).
    script: further lines of shell, run after the packages are installed.

    Raises
    ------
    EngineFailed: the engine is neither on amd64 nor on arm64, or a package could not be installed.
    DownloadFailed: a package could not be fetched.
    NotOurs: an image of that name, or ``lbl/debian:12``, is not the course's.
    EngineLost, NoSpace, NotWritable, TimedOut: as for `helpers.bases.debian`.
    """
    base = debian_root.debian(engine)
    whole = SCRIPT.format(
        epoch=EPOCH, debs=DEBS, script=script,
        excluded=" ".join(f"--path-exclude='{pattern}'" for pattern in excluded),
    )  # fmt: skip
    print(text("bases.extend.fetching", name=recipe.name), flush=True)
    with _container(engine, base, whole) as made:
        held = _held(engine, made)
        debs = _fetch(wanted, recipe.architecture, held)
        further = files(recipe.architecture)
        kept = Kept(
            f"{recipe.name.partition('/')[2].partition(':')[0]}-{recipe.architecture}",
            repr((debian_root.VERSION, whole, sorted(held.items()))),
            *sorted(deb.name for deb in debs), *(part for pair in sorted(further.items())
                                                 for part in pair),
        )  # fmt: skip

        def make(file: BinaryIO) -> None:
            print(text("bases.extend.installing", count=len(debs)), flush=True)
            with room(folder()):
                _fill(engine, made, debs, further)
            _install(engine, made, recipe.name)
            with (
                room(folder()),
                saved(engine, base, folder()) as below,
                _exported(engine, made) as stream,
            ):
                difference(below, stream, file, dpkg.shipped_until(debs))

        if kept.there:
            print(text("bases.kept"), flush=True)
        with kept.open(make) as layer:
            print(text("bases.extend.storing"), flush=True)
            with room(folder()), saved(engine, base, folder()) as below:
                return load(engine, recipe, layer, below)


@contextlib.contextmanager
def _container(engine: Engine, base: str, script: str) -> Iterator[str]:
    """Make a container that is not started; yield its ID, and remove it whatever happens."""
    with patient(engine, ANSWER) as api:
        made = api.create_container(
            base, ["sh", "-c", script], labels=labels.make(role="making-base"),
            network_disabled=True,
        )["Id"]  # fmt: skip
    try:
        yield made
    finally:
        with patient(engine, ANSWER) as api, contextlib.suppress(docker.errors.NotFound):
            api.remove_container(made, force=True, v=True)


def _held(engine: Engine, made: str) -> dict[str, str]:
    """Return the version of each package that the base image has."""
    with patient(engine, ANSWER) as api:
        chunks, _ = api.get_archive(made, STATUS)
        stream = b"".join(chunks)
    text_ = stream[512 : 512 + int(stream[124:135], 8)].decode()  # tar(5): one file
    return {s["Package"]: s["Version"] for s in Deb822.iter_paragraphs(text_)}


def _fetch(wanted: Iterable[str], architecture: str, held: Mapping[str, str]) -> list[Path]:
    """Fetch packages and what they need; those of the base that Debian has renewed come too."""
    index = packages.load(SUITE, architecture)
    same = [n for n, v in held.items() if n not in index or index.package(n).version == v]
    names = [package.name for package in index.closure(wanted, without=same)]
    return packages.fetch(names, SUITE, architecture)


def _fill(engine: Engine, made: str, debs: list[Path], files: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryFile(dir=folder()) as file:
        with LayerWriter(file) as tar:
            tar.folder(DEBS)
            for deb in debs:
                tar.add(f"{DEBS}/{deb.name}", deb.read_bytes())
            for name, content in sorted(files.items()):
                tar.add(name, content)
        with patient(engine, ANSWER) as api:
            api.put_archive(made, "/", file)


def _install(engine: Engine, made: str, name: str) -> None:
    with patient(engine, ANSWER) as api:
        api.start(made)
        state = lambda: api.inspect_container(made)["State"]  # noqa: E731
        until(lambda: state()["Status"] == "exited", INSTALL, "bases.extend.waiting", name=name)
        if state()["ExitCode"]:
            log = api.logs(made, tail=12).decode(errors="replace")
            raise EngineFailed("bases.extend.failed", name=name, tail=log)


@contextlib.contextmanager
def _exported(engine: Engine, made: str) -> Iterator[IO[bytes]]:
    with patient(engine, ANSWER) as api:
        yield Chunks(api.export(made, chunk_size=1 << 18))  # type: ignore[misc]
