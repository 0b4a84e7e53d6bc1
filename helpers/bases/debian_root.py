"""A Debian base image with apt and Python, made without a pull."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, BinaryIO

import docker

from .. import debian as packages
from ..engine import Engine, connect, labels
from ..engine.patience import patient, until
from ..errors import EngineFailed
from ..messages import text
from . import dpkg
from .archive import (
    EPOCH,
    LayerWriter,
    Recipe,
    load,
    present,
    remove_if_unused,
    room,
    tar_header,
)
from .busybox_root import SUITE, known_architecture, mark
from .exported import MADE, Chunks, normalise
from .keeping import Kept, folder
from .salt import SALT_FILE, salt

__all__ = ["NAME", "contents", "debian", "layer_of", "packages_of"]

NAME = "lbl/debian:12"
STAGE = "lbl/debian-unpacked:12"
VERSION = 1  # of this recipe; count up when the image changes
CONFIGURE = 300  # seconds for the packages' own scripts
ANSWER = 120  # seconds for the daemon to make or remove the container
WANTED = ("python3", "ca-certificates", "apt")
# Taken where a package leaves a choice; the first choice of `usrmerge` would bring all of Perl in.
CHOSEN = ("mawk", "usr-is-merged")

# What the course puts beside the packages. The settings for apt and dpkg keep images small and
# builds quick, as those of Debian's own container images do.
FILES = {
    "etc/apt/sources.list.d/debian.sources": """\
Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
""",
    "etc/apt/apt.conf.d/container": """\
Acquire::Languages "none";
Acquire::Retries "3";
APT::Install-Recommends "false";
Binary::apt::APT::Keep-Downloaded-Packages "false";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
""",
    "etc/dpkg/dpkg.cfg.d/container": """\
force-unsafe-io
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/lintian/*
path-exclude=/usr/share/locale/*
path-include=/usr/share/locale/locale.alias
""",
}
# A package's scripts start no services in a container.
POLICY = "usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n"
SECOND_STAGE = """\
set -e
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C
export SOURCE_DATE_EPOCH={epoch}
cd /var/lib/dpkg/info
for script in *.preinst; do
    name=${{script%.preinst}}
    DPKG_MAINTSCRIPT_NAME=preinst DPKG_MAINTSCRIPT_PACKAGE=${{name%%:*}} ./"$script" install
done
dpkg --configure -a
dpkg --audit
# what differs from one making to the next, and what can be made again
sed -i 's/^\\([^:]*:[^:]*\\):[0-9]*:/\\1:{day}:/' /etc/shadow
rm -rf /var/cache/* /var/log/* /var/lib/dpkg/*-old /etc/*- /etc/machine-id /tmp/* /run/*
find / -xdev -name __pycache__ -prune -exec rm -rf {{}} +
mkdir -p /var/cache/apt/archives/partial /var/log/apt
"""


def debian(engine: Engine | None = None) -> str:
    """Make the image ``lbl/debian:12`` unless the engine holds it, and return its name.

    One layer: the essential packages of Debian 12 with apt, Python 3 and ca-certificates for the
    *engine's* architecture, without documentation and translations, and the salt
    (`helpers.bases.salt`). The packages are fetched and checked by `helpers.debian`, laid out in
    Python, configured by their own scripts in a container without network, and flattened into one
    layer. This takes about half a minute once; a line is printed for each step. The layer is kept
    in the course's folder (`helpers.bases.keeping`), for the next engine.

    Raises
    ------
    EngineFailed: the engine is neither on amd64 nor on arm64, or the packages' scripts failed.
    DownloadFailed: a package could not be fetched.
    NotOurs: an image of that name exists that the course did not make.
    EngineLost, NoSpace, NotWritable: as for everything that talks to the daemon or to the disk.
    """
    engine = engine or connect()
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "debian", VERSION, architecture),
        created_by="Debian 12 (bookworm) with apt and Python",
        cmd=("bash",),
    )
    if present(engine, recipe):
        return NAME
    print(text("bases.debian.fetching", name=NAME), flush=True)
    debs = packages_of(architecture)
    kept = layer_of(debs, architecture)
    if kept.there:
        print(text("bases.kept"), flush=True)
    with kept.open(lambda file: _make(engine, architecture, debs, file)) as layer:
        print(text("bases.debian.storing"), flush=True)
        with room(folder()):
            _salted(layer, salt(engine))
        return load(engine, recipe, layer)


def layer_of(debs: Iterable[Path], architecture: str) -> Kept:
    """Return the layer made of these packages, which may have been kept."""
    return Kept(f"debian-{architecture}", _recipe(), *sorted(deb.name for deb in debs))


def _recipe() -> str:
    """Return all that the layer is made from but for the packages."""
    return repr((VERSION, FILES, POLICY, SECOND_STAGE, EPOCH))


def _make(engine: Engine, architecture: str, debs: list[Path], file: BinaryIO) -> None:
    """Write the image's layer, without the salt."""
    with tempfile.TemporaryFile(dir=folder()) as first:
        print(text("bases.debian.unpacking", count=len(debs)), flush=True)
        with room(folder()):
            _unpacked(debs, first)
        print(text("bases.debian.configuring"), flush=True)
        with _configured(engine, architecture, first) as exported, room(folder()):
            _flatten(exported, file, dpkg.shipped_until(debs))


def contents(index: packages.Index) -> list[str]:
    """Return the names of the packages that the image is made of."""
    wanted = [*WANTED, *index.where("Essential", "yes"), *CHOSEN]
    return [package.name for package in index.closure(wanted, without=["usrmerge", "gawk"])]


def packages_of(architecture: str) -> list[Path]:
    """Return the packages of the image, fetched where they are missing."""
    names = contents(packages.load(SUITE, architecture))
    return packages.fetch(names, SUITE, architecture)


def _unpacked(debs: Iterable[Path], file: BinaryIO) -> None:
    """Write the root file system whose packages are unpacked and not configured."""
    with LayerWriter(file) as tar:
        dpkg.place(debs, tar)
        for name, content in FILES.items():
            tar.add(name, content.encode())
        tar.add(POLICY[0], POLICY[1].encode(), 0o755)


@contextlib.contextmanager
def _configured(engine: Engine, architecture: str, layer: BinaryIO) -> Iterator[IO[bytes]]:
    """Run the packages' scripts in a container; yield its file system as a tar stream."""
    recipe = Recipe(
        STAGE, architecture, mark(engine, "debian-unpacked"), "unpacked packages", cmd=()
    )
    load(engine, recipe, layer)
    script = SECOND_STAGE.format(epoch=EPOCH, day=EPOCH // 86400)
    made = None
    try:
        with patient(engine, ANSWER) as api:
            made = api.create_container(
                STAGE, ["sh", "-c", script], labels=labels.make(role="making-debian"),
                network_disabled=True,
            )["Id"]  # fmt: skip
            api.start(made)
            state = lambda: api.inspect_container(made)["State"]  # noqa: E731
            until(lambda: state()["Status"] == "exited", CONFIGURE, "bases.debian.waiting")
            if state()["ExitCode"]:
                log = api.logs(made, tail=12).decode(errors="replace")
                raise EngineFailed("bases.debian.failed", tail=log)
            yield Chunks(api.export(made, chunk_size=1 << 18))
    finally:
        with patient(engine, ANSWER) as api:
            if made:
                with contextlib.suppress(docker.errors.NotFound):
                    api.remove_container(made, force=True, v=True)
            with contextlib.suppress(docker.errors.ImageNotFound):
                identifier = api.inspect_image(STAGE)["Id"]
                api.remove_image(STAGE, force=True)
                remove_if_unused(engine, identifier)


def _flatten(exported: IO[bytes], file: BinaryIO, newest: int) -> None:
    """Copy a container's file system into a layer: times fixed, what the engine added left out."""
    with LayerWriter(file) as layer, tarfile.open(fileobj=exported, mode="r|") as archive:
        for member in archive:
            member.name = member.name.removeprefix("./").rstrip("/")
            if member.name in ("", ".") or MADE.match(member.name):
                continue
            body = archive.extractfile(member) if member.isfile() else None
            normalise(member, newest)
            layer.member(member, body.read() if body else b"")


def _salted(layer: BinaryIO, salt: str) -> None:
    """Add the salt to the end of a layer."""
    content = f"{salt}\n".encode()
    with tarfile.open(fileobj=layer, mode="a", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tar_header(SALT_FILE, 0o644, len(content)), io.BytesIO(content))
    layer.seek(0)
