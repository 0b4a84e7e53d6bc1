"""A fresh Debian server as an image: systemd, an old package, and no Docker.

Its packages come from a part of Debian's archive that lies in the image, as on an installation
disc: the index that Debian signed, and the packages of ``docker.io``. So the steps run with the
real apt, which checks the real signature, on a machine that reaches no network.
"""

from __future__ import annotations

from .. import debian
from ..bases.archive import PATH, Recipe, present
from ..bases.busybox_root import SUITE, known_architecture, layer, mark, program
from ..bases.extend import extend
from ..engine import Engine
from ..paths import home

__all__ = ["ARCHIVE", "NAME", "USER", "WANTED", "offered", "server"]

NAME = "lbl/server:12"
VERSION = 2  # of this recipe; count up when the image changes
ARCHIVE = "srv/debian"
# docker-doc is one of the packages that Docker's page wants removed, and the smallest of them.
WANTED = ("systemd", "procps", "docker-doc")
OFFERED = ("docker.io",)
USER = "ada"  # of the server, who is not root
# The BusyBox file system, for a first container without a pull.
ROOT_FILE_SYSTEM = "root/busybox.tar"

# A privileged container shares the kernel with its host. What would set the host's kernel up, or
# open its consoles, stays off; so does what waits for hardware.
OFF = (
    "console-getty.service", "getty.target", "systemd-sysctl.service",
    "systemd-modules-load.service", "kmod-static-nodes.service", "systemd-binfmt.service",
    "systemd-random-seed.service", "systemd-remount-fs.service", "systemd-logind.service",
    "systemd-timesyncd.service", "systemd-update-utmp.service", "dev-hugepages.mount",
    "dev-mqueue.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount",
    "sys-kernel-config.mount", "sys-fs-fuse-connections.mount", "apt-daily.timer",
    "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer", "e2scrub_all.timer",
)  # fmt: skip
FILES = {
    # no source of packages yet: to set one up is one of the seven steps
    "etc/apt/sources.list.d/debian.sources": b"# none yet\n",
    "etc/hostname": b"server\n",
}


def server(engine: Engine) -> str:
    """Make the image ``lbl/server:12`` unless the engine holds it, and return its name.

    One more layer than ``lbl/debian:12`` has. Takes about half a minute and 75 MB of packages once.

    Raises
    ------
    EngineFailed, DownloadFailed, NotOurs, EngineLost, NoSpace: as for `helpers.bases.debian`.
    """
    architecture = known_architecture(engine)
    recipe = Recipe(
        name=NAME,
        architecture=architecture,
        author=mark(engine, "server", VERSION, architecture),
        created_by="Debian 12 as a server: systemd, no Docker",
        cmd=("/lib/systemd/systemd", "--unit=multi-user.target"),
        env=(PATH, "container=docker"),
    )
    if present(engine, recipe):
        return NAME
    script = [f"ln -sf /dev/null /etc/systemd/system/{unit}" for unit in OFF]
    script += [f"useradd --create-home {USER}", ": >/etc/machine-id"]  # each start makes its own
    return extend(engine, recipe, WANTED, _files, script="\n".join(script))


def offered(index: debian.Index) -> list[debian.Package]:
    """Return the packages that the archive in the image holds."""
    essential = {p.name for p in index.closure(index.where("Essential", "yes"), ["usrmerge"])}
    return index.closure(OFFERED, without=essential)


def _files(architecture: str) -> dict[str, bytes]:
    (deb,) = debian.fetch(["busybox-static"], SUITE, architecture)
    root = layer(program(deb), "for docker import").read()
    return {**FILES, ROOT_FILE_SYSTEM: root, **_archive(architecture)}


def _archive(architecture: str) -> dict[str, bytes]:
    """Return the part of Debian's archive that installs Docker, by path."""
    packages = offered(debian.load(SUITE, architecture))
    debs = debian.fetch([p.name for p in packages], SUITE, architecture)
    found = {
        f"{ARCHIVE}/{package.filename}": deb.read_bytes()
        for package, deb in zip(packages, debs, strict=True)
    }
    # As `helpers.debian` keeps them, so that apt can check Debian's signature on the index.
    kept = home() / "debian" / f"{SUITE}-{architecture}.Packages.xz"
    release = kept.with_suffix(".InRelease")
    place = f"{ARCHIVE}/dists/{SUITE}"
    found[f"{place}/InRelease"] = release.read_bytes()
    found[f"{place}/main/binary-{architecture}/Packages.xz"] = kept.read_bytes()
    return found
